import t from "tap";
import { SLAVE_POINTS } from "../../src/server/failpoints.js";
import { SLAVE_CRASHES } from "./crash-points.js";
import { testCrashPoints } from "./crash-run.js";

testCrashPoints(t, "slave", SLAVE_POINTS, SLAVE_CRASHES, (scenario) => scenario !== "update");
