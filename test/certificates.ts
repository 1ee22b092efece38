import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateDirectory, type CertificateWish, wishesOf } from "../src/commands/certificate-directory.js";
import type { SlaveId } from "../src/protocol/ids.js";
import type { TlsCredentials } from "../src/transport/tls.js";

/** A CA and certificates that are made for one test and gone after it. */
export class TestCertificates {
  readonly path: string;
  readonly #directory: CertificateDirectory;

  private constructor(directory: CertificateDirectory) {
    this.path = directory.path;
    this.#directory = directory;
  }

  /** Makes certificates for a master, a client, an admin, and these slaves. */
  static async make(
    t: { teardown(handler: () => void): void },
    slaves: readonly SlaveId[] = [],
  ): Promise<TestCertificates> {
    const path = mkdtempSync(join(tmpdir(), "ringkv-certs-"));
    t.teardown(() => rmSync(path, { recursive: true, force: true }));
    const certificates = new TestCertificates(await CertificateDirectory.open(path));
    await certificates.renewAll(slaves);
    return certificates;
  }

  /** Makes anew whatever is not there any more. */
  async renewAll(slaves: readonly SlaveId[]): Promise<void> {
    for (const wish of wishesOf(slaves, [])) await this.#directory.issue(wish);
  }

  /** Makes one more. */
  async issue(wish: Partial<CertificateWish> & { readonly name: string }): Promise<TlsCredentials> {
    await this.#directory.issue({ uri: "urn:other", hosts: [], connectsOnly: false, ...wish });
    return this.of(wish.name);
  }

  /** What the owner of a certificate has, by the name of its files. */
  of(name: string): Required<TlsCredentials> {
    return { ca: this.#read("ca.crt"), cert: this.#read(`${name}.crt`), key: this.#read(`${name}.key`) };
  }

  #read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }
}
