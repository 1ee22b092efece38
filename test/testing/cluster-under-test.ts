import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as Testing from "../../src/testing/index.js";

const cli = process.env["RINGKV_TEST_CLI"];

/** Where the built package is; `npm test` builds it first. RINGKV_TEST_CLI names another build. */
export const DIST = cli === undefined ? fileURLToPath(new URL("../../dist", import.meta.url)) : dirname(cli);

/** `ringkv/testing` as it is built, since the daemons' processes run the built package. */
export const { startCluster } = (await import(pathToFileURL(join(DIST, "testing/index.js")).href)) as typeof Testing;

export type TestCluster = Testing.TestCluster;
export type ClusterOptions = Testing.ClusterOptions;
