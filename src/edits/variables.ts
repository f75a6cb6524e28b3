/** Names the guests that a run may delete: `npm run up -- --remove` sets it for the program. */
export const removeVariable = "HOMELAB_REMOVE";

/** Names the storages whose entries may go although files are on them: `npm run up -- --remove-storage`. */
export const removeStorageVariable = "HOMELAB_REMOVE_STORAGE";

/** Names the storages whose entries may show another location, where the files are: `npm run up -- --repoint-storage`. */
export const repointStorageVariable = "HOMELAB_REPOINT_STORAGE";

/** Tells the program that its preview is for an import, and not for a run. */
export const adoptVariable = "HOMELAB_ADOPT";
