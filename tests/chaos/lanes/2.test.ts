import { itPlaysLane } from "../lane.ts";

itPlaysLane(2);
