import t from "tap";
import { SLAVE_POINTS } from "../../src/server/failpoints.js";
import { SLAVE_CRASHES } from "./crash-points.js";
import { testCrashPoints } from "./crash-run.js";

// The other scenarios are played in crash-points-slave-rare.test.ts.
testCrashPoints(t, "slave", SLAVE_POINTS, SLAVE_CRASHES, (scenario) => scenario === "update");
