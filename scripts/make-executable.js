// tsc writes dist/cli.js without the executable bit, which `npx ringkv` from a checkout needs.
import { chmodSync } from "node:fs";

chmodSync(new URL("../dist/cli.js", import.meta.url), 0o755);
