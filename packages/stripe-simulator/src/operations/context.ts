import type { Actor } from "../core/actor.ts";
import type { Account } from "../store/account.ts";
import type { World } from "../world.ts";

/** Where and for whom an operation runs. */
export interface Context {
  world: World;
  account: Account;
  actor: Actor;
}
