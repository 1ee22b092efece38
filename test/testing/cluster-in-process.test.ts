import { clusterConformance } from "./cluster-conformance.js";

clusterConformance({ inProcess: true });
