/** Names the guests that a run may delete: `npm run up -- --remove` sets it for the program. */
export const removeVariable = "HOMELAB_REMOVE";

/** Tells the program that its preview is for an import, and not for a run. */
export const adoptVariable = "HOMELAB_ADOPT";
