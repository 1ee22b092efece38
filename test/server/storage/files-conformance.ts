import { join } from "node:path";
import type { Test } from "tap";
import type { FileOperations } from "../../../src/server/storage/file-operations.js";

/** Files under test, and a directory that is there. */
export interface FilesUnderTest {
  readonly name: string;
  readonly open: (t: Test) => { readonly files: FileOperations; readonly directory: string };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What all file operations do; run on each implementation. */
export function filesConformance(t: Test, { name, open }: FilesUnderTest): void {
  const textOf = async (files: FileOperations, file: string) => {
    const bytes = await files.read(file);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  };

  t.test(`${name}: what is written is read, at its position, and zeros where nothing was`, async (t) => {
    const { files, directory } = open(t);
    const path = join(directory, "file");
    const file = files.open(path, "create");
    file.write(bytesOf("world"), 7);
    file.write(bytesOf("hello"), 0);
    t.equal(await textOf(files, path), "hello\0\0world");
    file.write(bytesOf("J"), 0);
    await file.force();
    file.forceSync();
    file.close();
    t.equal(await textOf(files, path), "Jello\0\0world");
  });

  t.test(`${name}: a large write after a small one, and one in the middle`, async (t) => {
    const { files, directory } = open(t);
    const path = join(directory, "file");
    const file = files.open(path, "create");
    file.write(bytesOf("head"), 0);
    file.write(new Uint8Array(100_000).fill(7), 4);
    file.write(bytesOf("x"), 50_000);
    file.close();
    const bytes = await files.read(path);
    t.equal(bytes?.length, 100_004);
    t.strictSame([bytes?.[3], bytes?.[4], bytes?.[50_000], bytes?.[100_003]], [100, 7, 120, 7]);
  });

  t.test(`${name}: update keeps what is there, create empties it, and what was read stays as it was`, async (t) => {
    const { files, directory } = open(t);
    const path = join(directory, "file");
    const created = files.open(path, "create");
    created.write(bytesOf("first"), 0);
    created.close();
    const before = await files.read(path);
    const updated = files.open(path, "update");
    updated.write(bytesOf("F"), 0);
    updated.close();
    t.equal(await textOf(files, path), "First");
    t.strictSame(before && new TextDecoder().decode(before), "first");
    files.open(path, "create").close();
    t.equal(await textOf(files, path), "");
  });

  t.test(`${name}: a renamed file takes the other's place, and who has it open writes on in it`, async (t) => {
    const { files, directory } = open(t);
    const [from, to] = [join(directory, "new"), join(directory, "old")];
    files.open(to, "create").close();
    const file = files.open(from, "create");
    file.write(bytesOf("one"), 0);
    files.rename(from, to);
    await files.forceDirectory(directory);
    files.forceDirectorySync(directory);
    file.write(bytesOf(" two"), 3);
    file.close();
    t.strictSame(files.list(directory), ["old"]);
    t.equal(await textOf(files, to), "one two");
    t.equal(await files.read(from), undefined);
  });

  t.test(`${name}: directories are made with their parents, and list their own entries`, async (t) => {
    const { files, directory } = open(t);
    const deep = join(directory, "a", "b");
    files.makeDirectory(deep);
    files.makeDirectory(deep);
    files.open(join(deep, "file"), "create").close();
    t.strictSame(files.list(directory), ["a"]);
    t.strictSame(files.list(join(directory, "a")), ["b"]);
    t.strictSame(files.list(deep), ["file"]);
    await files.remove(join(deep, "file"));
    await files.remove(join(deep, "file"));
    t.strictSame(files.list(deep), []);
  });

  t.test(`${name}: what is not there is told by its code`, async (t) => {
    const { files, directory } = open(t);
    const nowhere = join(directory, "nowhere");
    t.equal(await files.read(nowhere), undefined);
    t.throws(() => files.open(nowhere, "update"), { code: "ENOENT" });
    t.throws(() => files.open(join(nowhere, "file"), "create"), { code: "ENOENT" });
    t.throws(() => files.rename(nowhere, join(directory, "there")), { code: "ENOENT" });
    t.throws(() => files.list(nowhere), { code: "ENOENT" });
    t.throws(() => files.forceDirectorySync(nowhere), { code: "ENOENT" });
    await t.rejects(files.forceDirectory(nowhere), { code: "ENOENT" });
    const file = files.open(join(directory, "file"), "create");
    file.close();
    t.throws(() => file.write(bytesOf("late"), 0), { code: "EBADF" });
  });
}
