import { register } from "node:module";
import { seededBug } from "./catalogue.js";
import type { PlantedSource } from "./load-hook.js";
import { SEEDED_BUG_VARIABLE, plantedModule } from "./planted-module.js";

/**
 * Plants the bug that the environment names, before anything else is loaded: `SEEDED_BUG=name node --import plant.js …`. The
 * module is replaced as the loader asks for it, in this process only; no file changes.
 */
const name = process.env[SEEDED_BUG_VARIABLE];
if (name === undefined) throw new Error(`${SEEDED_BUG_VARIABLE} names no bug to plant.`);
const bug = seededBug(name);
const compiled = new URL(`../../../src/${bug.file.replace(/\.ts$/, ".js")}`, import.meta.url);
const data: PlantedSource = { url: compiled.href, source: plantedModule(bug) };
register("./load-hook.js", import.meta.url, { data });
