import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RingkvError } from "../protocol/errors.js";
import type { SlaveId } from "../protocol/ids.js";
import { CERTIFICATE_FILES } from "./credentials.js";
import { ADMIN_URI, CLIENT_URI, MASTER_URI, slaveUri } from "../protocol/roles.js";

/** How long certificates hold, in days; the CA's own, ten years. */
export const CERTIFICATE_DAYS = 365;
const CA_DAYS = 3_650;

/** What a certificate is for. */
export interface CertificateWish {
  /** The name of its files, and its common name. */
  readonly name: string;
  /** What its owner is. */
  readonly uri: string;
  /** Names and addresses under which its owner is reached, for peers that check the host. */
  readonly hosts: readonly string[];
  /** True for whoever connects only. */
  readonly connectsOnly: boolean;
  readonly days?: number;
}

/** Everyone in a ring who needs a certificate. */
export function wishesOf(slaves: readonly SlaveId[], hosts: readonly string[]): readonly CertificateWish[] {
  const { master, client, admin, slave } = CERTIFICATE_FILES;
  return [
    { name: master, uri: MASTER_URI, hosts: ["localhost", "127.0.0.1", "::1", ...hosts], connectsOnly: false },
    // No host: who reaches a slave asks for its ID, and so it cannot pass for the master to a client.
    ...slaves.map((id) => ({ name: slave(id), uri: slaveUri(id), hosts: [], connectsOnly: false })),
    { name: client, uri: CLIENT_URI, hosts: [], connectsOnly: true },
    { name: admin, uri: ADMIN_URI, hosts: [], connectsOnly: true },
  ];
}

/**
 * A directory of certificates that a CA of its own has signed, made with the `openssl` program. Files are for their owner only
 * (0600) and are never overwritten: what is there stays, what is missing is made.
 */
export class CertificateDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the directory, if it is not there, mode 0700, and its CA. */
  static async open(path: string): Promise<CertificateDirectory> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const directory = new CertificateDirectory(path);
    const [certificate, key] = directory.#files(CERTIFICATE_FILES.ca);
    if (existsSync(certificate)) return directory;
    await makeKey(key);
    await withScratch(async (scratch) => {
      const config = await scratch("config", CA_CONFIG);
      const made = await openssl("req", "-x509", "-new", "-key", key, "-days", CA_DAYS.toString(), "-config", config);
      await writeNew(certificate, made);
    });
    return directory;
  }

  /**
   * Makes a key and its certificate; false when the certificate is there already.
   * @throws RingkvError BAD_REQUEST when the CA's key is not in the directory, or `openssl` cannot do it
   */
  async issue({ name, uri, hosts, connectsOnly, days = CERTIFICATE_DAYS }: CertificateWish): Promise<boolean> {
    const [certificate, key] = this.#files(name);
    if (existsSync(certificate)) return false;
    const [caCertificate, caKey] = this.#files(CERTIFICATE_FILES.ca);
    if (!existsSync(caKey)) {
      throw new RingkvError("BAD_REQUEST", `${caKey} is not there, so ${name}.crt cannot be signed.`);
    }
    if (!existsSync(key)) await makeKey(key);
    await withScratch(async (scratch) => {
      const config = await scratch("config", `[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = ${name}\n`);
      const request = await scratch("request", await openssl("req", "-new", "-key", key, "-config", config));
      const usage = connectsOnly ? "clientAuth" : "serverAuth, clientAuth";
      const names = [`URI:${uri}`, ...hosts.map((host) => `${isAddress(host) ? "IP" : "DNS"}:${host}`)];
      const extensions = await scratch(
        "extensions",
        `basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = ${usage}\nsubjectAltName = ${names.join(", ")}\n`,
      );
      const issuer = ["-CA", caCertificate, "-CAkey", caKey, "-set_serial", `0x${serialNumber()}`];
      const term = ["-days", days.toString(), "-sha256", "-extfile", extensions];
      await writeNew(certificate, await openssl("x509", "-req", "-in", request, ...issuer, ...term));
    });
    return true;
  }

  #files(name: string): readonly [certificate: string, key: string] {
    return [join(this.path, `${name}.crt`), join(this.path, `${name}.key`)];
  }
}

const CA_CONFIG = `
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = ringkv CA
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

async function makeKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeNew(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: "wx", mode: 0o600 });
}

/** Positive, and of 128 bits. */
function serialNumber(): string {
  return `1${randomBytes(16).toString("hex").slice(1)}`;
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^[0-9.]+$/.test(host);
}

/** Gives a function that puts text into a file; the files are gone afterwards. */
async function withScratch(use: (scratch: (name: string, text: string) => Promise<string>) => Promise<void>) {
  const path = await mkdtemp(join(tmpdir(), "ringkv-certs-"));
  try {
    await use(async (name, text) => {
      const file = join(path, name);
      await writeNew(file, text);
      return file;
    });
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** Runs `openssl`, without a shell; resolves with its output. */
async function openssl(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)("openssl", args)).stdout;
  } catch (error) {
    const why = isMissing(error)
      ? "the program was not found; install OpenSSL"
      : error instanceof Error && "stderr" in error
        ? String(error.stderr).trim()
        : "unknown";
    throw new RingkvError("BAD_REQUEST", `openssl ${args[0] ?? ""}: ${why}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
