import t from "tap";
import { nodeFileOperations } from "../../../src/server/storage/file-operations.js";
import { MemoryFiles } from "../../../src/server/storage/memory-files.js";
import { filesConformance } from "./files-conformance.js";

filesConformance(t, {
  name: "the disk",
  open: (t) => ({ files: nodeFileOperations, directory: t.testdir() }),
});

filesConformance(t, {
  name: "memory",
  open() {
    const files = new MemoryFiles();
    files.makeDirectory("/data");
    return { files, directory: "/data" };
  },
});
