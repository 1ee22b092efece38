import t from "tap";
import { MASTER_POINTS } from "../../src/server/failpoints.js";
import { MASTER_CRASHES } from "./crash-points.js";
import { testCrashPoints } from "./crash-run.js";

testCrashPoints(t, "master", MASTER_POINTS, MASTER_CRASHES);
