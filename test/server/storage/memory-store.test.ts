import t from "tap";
import { MemoryStore } from "../../../src/server/storage/memory-store.js";
import { storeConformance } from "./store-conformance.js";

storeConformance(t, { name: "memory store", open: () => Promise.resolve(new MemoryStore()) });
