import { FileError } from "../files/file-error.ts";
import { childrenOf, fileEntry, folderEntry, linkEntry, type FileLayer, type TextFile } from "../files/file-layer.ts";

/** What a view of the state shows: files, folders that may be empty, and links. */
export type View = Readonly<Record<string, TextFile | "folder" | { readonly link: string }>>;

/** Files that are made from the state: whatever has no way back into it is read-only, and says so. */
export function textLayer(view: () => View): FileLayer {
  return {
    find: (path) => {
      const known = view();
      const shown = known[path];
      if (shown === undefined) {
        return Object.keys(known).some((file) => file.startsWith(`${path}/`)) ? folderEntry() : undefined;
      }
      if (shown === "folder") return folderEntry();
      return "link" in shown ? linkEntry(shown.link) : fileEntry(shown.read(), 0, shown.mode ?? 0o644);
    },
    names: (folder) => childrenOf(Object.keys(view()), folder),
    put: (path, entry) => {
      const shown = view()[path];
      if (entry.kind !== "file" || shown === undefined || shown === "folder" || "link" in shown) throw readOnly(path);
      const text = Buffer.from(entry.content, "base64").toString("utf8");
      if (text === shown.read()) {
        if (entry.mode !== (shown.mode ?? 0o644) || entry.uid !== 0) throw new FileError("EPERM", path);
        return;
      }
      if (shown.write === undefined) throw readOnly(path);
      shown.write(text);
    },
    remove: (path) => {
      const shown = view()[path];
      const remove = typeof shown === "object" && "read" in shown ? shown.remove : undefined;
      if (remove === undefined) throw readOnly(path);
      remove();
    },
  };
}

function readOnly(path: string): FileError {
  return new FileError("EACCES", path, "the simulator shows this file, and cannot take it back yet");
}
