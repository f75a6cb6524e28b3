import { html, nothing } from "/simulator/lit-html.js";

/** @import { BackupSummary, FaultSummary, GuestSummary, NodeSummary, StorageSummary, Summary, TaskSummary } from "./summary-shape.ts" */

/**
 * What the user does on the page.
 * @typedef {object} Actions
 * @property {(event: SubmitEvent) => Promise<void>} addFault
 * @property {(kind: string) => void} changeFaultKind
 * @property {(id: number) => void} removeFault
 * @property {(event: SubmitEvent) => Promise<void>} changeGuest
 * @property {(incident: string, question?: string) => void} tell
 * @property {(upid: string) => void} toggleLog
 */

/** What only this page knows. @typedef {{ faultKind: string, logs: ReadonlyMap<string, readonly string[]> }} Local */

const units = ["B", "KiB", "MiB", "GiB", "TiB"];
/** What comes after the kind of a fault, for the kinds that take something. */
const details = new Map([
  ["status", { label: "Status and message", example: "500 no space left on device" }],
  ["delay", { label: "Seconds", example: "2" }],
  ["task", { label: "Message", example: "no space left on device" }],
]);

/** The whole page. @param {Summary} summary @param {Local} local @param {Actions} actions */
export function viewOf({ nodes, guests, storages, backups, tasks, faults }, { faultKind, logs }, actions) {
  const running = tasks.filter(({ endtime }) => endtime === undefined).length;
  return [
    section("Nodes", nodes.length, "", html`<div class="cards">${nodes.map((node) => nodeView(node, actions))}</div>`),
    section("Guests", guests.length, "wide", [
      guestsView(guests, actions),
      guests.length > 0 ? changeForm(guests, actions) : nothing,
    ]),
    section("Faults", `${faults.length} in force`, "narrow", [
      faultForm(faultKind, actions),
      faultsView(faults, actions),
    ]),
    section("Storages", storages.length, "wide", storagesView(storages, actions)),
    section("Backups", backups.length, "narrow", backupsView(backups)),
    section("Tasks", `${running} running`, "", tasksView(tasks, logs, actions)),
  ];
}

/** @param {string} title @param {string | number} count @param {string} width @param {unknown} content */
function section(title, count, width, content) {
  const id = title.toLowerCase();
  return html`<section class=${width} aria-labelledby=${id}>
    <h2 id=${id}>${title}<small aria-live="polite">${count}</small></h2>
    ${content}
  </section>`;
}

/** @param {NodeSummary} node @param {Actions} actions */
function nodeView({ name, address, off, cpu, threads, memory, disks, pools }, actions) {
  return html`<article aria-label=${name}>
    <div class="title">
      <h3>${name} <span class="muted">${address}</span></h3>
      ${off ? stateView("off", "off") : stateView("good", "online")}
      <span class="actions">
        ${
          off
            ? incidentButton(actions, "Switch on", `Switch ${name} on`, `node ${name} comes back`)
            : incidentButton(actions, "Cut power", `Cut the power of ${name}`, `node ${name} fails`, true)
        }
      </span>
    </div>
    <p class="muted">${cpu}, ${threads} threads, ${size(memory)}</p>
    ${table(
      ["ZFS pool", "Health", "Usage"],
      pools.map(
        (pool) =>
          html`<tr>
            <th scope="row">${pool.name} <span class="muted">${pool.raid}</span></th>
            <td>
              ${stateView(pool.health === "ONLINE" ? "good" : pool.health === "DEGRADED" ? "warn" : "bad", pool.health)}
            </td>
            <td>${usageView(pool.allocated, pool.size, `Usage of ${pool.name} on ${name}`)}</td>
          </tr>`,
      ),
    )}
    ${table(
      ["Disk", "Model", "Size", "State", ""],
      disks.map(
        (disk) =>
          html`<tr>
            <th scope="row"><code>${disk.path}</code></th>
            <td>${disk.model}</td>
            <td class="number">${size(disk.size)}</td>
            <td>${disk.dead ? stateView("bad", "dead") : stateView("good", "healthy")}</td>
            <td class="actions">
              ${
                disk.dead
                  ? incidentButton(
                      actions,
                      "Replace",
                      `Replace ${disk.path} of ${name}`,
                      `disk ${name} ${disk.path} replaced`,
                    )
                  : incidentButton(actions, "Kill", `Kill ${disk.path} of ${name}`, `disk ${name} ${disk.path} dies`)
              }
            </td>
          </tr>`,
      ),
    )}
  </article>`;
}

/** @param {readonly GuestSummary[]} guests @param {Actions} actions */
function guestsView(guests, actions) {
  if (guests.length === 0) return html`<p class="muted">No guests: create one over the API.</p>`;
  return table(
    ["ID", "Name", "Type", "Node", "Status", "Memory", ""],
    guests.map(({ vmid, name = "", type, node, status, lock, mem = 0, maxmem = 0 }) => {
      const isRunning = status === "running";
      return html`<tr>
        <th scope="row">${vmid}</th>
        <td>${name}</td>
        <td>${type === "lxc" ? "container" : "VM"}</td>
        <td>${node}</td>
        <td>${stateView(isRunning ? "good" : "off", lock === undefined ? status : `${status}, locked: ${lock}`)}</td>
        <td class="number">${isRunning && mem > 0 ? `${size(mem)} of ` : ""}${size(maxmem)}</td>
        <td class="actions">
          ${isRunning ? incidentButton(actions, "Stop", `Stop guest ${vmid}`, `guest ${vmid} stopped`) : nothing}
          ${incidentButton(actions, "Destroy", `Destroy guest ${vmid}`, `guest ${vmid} destroyed`, true)}
        </td>
      </tr>`;
    }),
  );
}

/** @param {readonly GuestSummary[]} guests @param {Actions} actions */
function changeForm(guests, { changeGuest }) {
  return html`<form @submit=${changeGuest} aria-label="Change a guest">
    <label class="grow">
      Change behind its clients’ backs
      <select name="vmid">
        ${guests.map(({ vmid, name = "" }) => html`<option value=${vmid}>${vmid} ${name}</option>`)}
      </select>
    </label>
    <label class="grow">Setting <input name="setting" required placeholder="memory" /></label>
    <label class="grow">Value (empty: removed) <input name="value" placeholder="1024" /></label>
    <button>Change</button>
  </form>`;
}

/** @param {readonly StorageSummary[]} storages @param {Actions} actions */
function storagesView(storages, actions) {
  return table(
    ["Storage", "Node", "Type", "Content", "State", "Usage", ""],
    storages.map(({ storage, node, type, content, shared, active, used, total }) => {
      const [word, what] = active ? ["Take offline", "offline"] : ["Bring online", "online"];
      return html`<tr>
        <th scope="row">${storage}</th>
        <td>${node}</td>
        <td>${type}${shared ? ", shared" : ""}</td>
        <td class="muted">${content.replaceAll(",", ", ")}</td>
        <td>${active ? stateView("good", "active") : stateView("bad", "offline")}</td>
        <td>${active ? usageView(used, total, `Usage of ${storage} on ${node}`) : nothing}</td>
        <td class="actions">
          ${incidentButton(actions, word, `${word}: ${storage} on ${node}`, `storage ${storage} ${what} on ${node}`)}
        </td>
      </tr>`;
    }),
  );
}

/** @param {readonly BackupSummary[]} backups */
function backupsView(backups) {
  if (backups.length === 0) return html`<p class="muted">No backups yet.</p>`;
  return table(
    ["Guest", "Made", "Size", "Volume"],
    backups.map(
      ({ vmid, created, size: bytes, volume, node, notes, protected: isProtected }) =>
        html`<tr>
          <th scope="row">${vmid}</th>
          <td>${time(created)}</td>
          <td class="number">${size(bytes)}</td>
          <td>
            <code>${volume}</code>${node === undefined ? "" : ` on ${node}`}${isProtected ? ", protected" : ""}
            ${notes === undefined ? nothing : html`<div class="muted">${notes}</div>`}
          </td>
        </tr>`,
    ),
  );
}

/** @param {readonly TaskSummary[]} tasks @param {Local["logs"]} logs @param {Actions} actions */
function tasksView(tasks, logs, actions) {
  if (tasks.length === 0) return html`<p class="muted">No tasks yet.</p>`;
  return html`<div class="tall">
    ${table(
      ["Start", "End", "Node", "Task", "User", "Status", ""],
      tasks.map((task) => [taskRow(task, logs.has(task.upid), actions), logRow(task, logs.get(task.upid))]),
    )}
  </div>`;
}

/** @param {TaskSummary} task @param {boolean} isOpen @param {Actions} actions */
function taskRow({ upid, node, type, id, user, starttime, endtime, exitstatus = "" }, isOpen, { toggleLog }) {
  const kind =
    endtime === undefined ? "busy" : exitstatus === "OK" ? "good" : exitstatus.startsWith("WARN") ? "warn" : "bad";
  return html`<tr>
    <td>${time(starttime)}</td>
    <td>${endtime === undefined ? "" : time(endtime)}</td>
    <td>${node}</td>
    <th scope="row">${type} ${id}</th>
    <td>${user}</td>
    <td>${stateView(kind, endtime === undefined ? "running" : exitstatus)}</td>
    <td class="actions">
      <button
        aria-expanded=${isOpen}
        aria-label="Log of ${type} ${id}"
        @click=${() => {
          toggleLog(upid);
        }}
      >
        Log
      </button>
    </td>
  </tr>`;
}

/** @param {TaskSummary} task @param {readonly string[] | undefined} log */
function logRow({ upid }, log) {
  return log === undefined
    ? nothing
    : html`<tr>
        <td colspan="7">
          <code>${upid}</code>
          <pre tabindex="0">${log.join("\n") || "(nothing yet)"}</pre>
        </td>
      </tr>`;
}

/** @param {string} faultKind @param {Actions} actions */
function faultForm(faultKind, { addFault, changeFaultKind }) {
  const detail = details.get(faultKind);
  const onKind = (/** @type {Event} */ { target }) => {
    if (target instanceof HTMLSelectElement) changeFaultKind(target.value);
  };
  return html`<form @submit=${addFault} aria-label="Add a fault">
    <label>
      Method
      <select name="method">
        ${["any", "GET", "POST", "PUT", "DELETE"].map((name) => html`<option value=${name === "any" ? "*" : name}>${name}</option>`)}
      </select>
    </label>
    <label class="grow">Path <input name="path" required placeholder="/nodes/*/lxc" /></label>
    <label>
      Effect
      <select name="kind" @change=${onKind}>
        <option value="status">is refused</option>
        <option value="hang">is never answered</option>
        <option value="delay">is answered later</option>
        <option value="drop">loses its connection before</option>
        <option value="drop after">loses its connection after</option>
        <option value="task">starts a task that fails</option>
      </select>
    </label>
    ${
      detail === undefined
        ? nothing
        : html`<label class="grow"
            >${detail.label} <input name="detail" required placeholder=${detail.example}
          /></label>`
    }
    <label>Times <input class="small" name="times" type="number" min="1" placeholder="always" /></label>
    <button class="primary">Add</button>
  </form>`;
}

/** @param {readonly FaultSummary[]} faults @param {Actions} actions */
function faultsView(faults, { removeFault }) {
  if (faults.length === 0) return html`<p class="muted">Every request is answered as it should be.</p>`;
  return table(
    ["Fault", "Struck", ""],
    faults.map(
      ({ id, text, struck, times }) =>
        html`<tr>
          <th scope="row"><code>${text}</code></th>
          <td class="number">${struck}${times === undefined ? "" : ` of ${times}`}</td>
          <td class="actions">
            <button
              aria-label="Remove ${text}"
              @click=${() => {
                removeFault(id);
              }}
            >
              Remove
            </button>
          </td>
        </tr>`,
    ),
  );
}

/** @param {readonly string[]} titles @param {unknown} rows */
function table(titles, rows) {
  const heading = (/** @type {string} */ title) =>
    title === ""
      ? html`<td></td>`
      : html`<th scope="col" class=${/^(Size|Memory|Struck)$/.test(title) ? "number" : ""}>${title}</th>`;
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          ${titles.map(heading)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** @param {string} kind @param {string} text */
function stateView(kind, text) {
  return html`<span class="state ${kind}">${text}</span>`;
}

/** @param {number} used @param {number} total @param {string} label */
function usageView(used, total, label) {
  return html`<span class="usage">
    <meter max=${total} .value=${used} high=${total * 0.8} optimum="0" aria-label=${label}></meter>
    ${size(used)} of ${size(total)}
  </span>`;
}

/** @param {Actions} actions @param {string} word @param {string} label @param {string} incident @param {boolean} [ask] */
function incidentButton({ tell }, word, label, incident, ask = false) {
  const act = () => {
    tell(incident, ask ? `${label}?` : undefined);
  };
  return html`<button aria-label=${label} @click=${act}>${word}</button>`;
}

/** @param {number} bytes */
function size(bytes) {
  const power = bytes === 0 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1024 ** power;
  return `${number.toFixed(number < 10 && power > 1 ? 1 : 0)} ${units[power] ?? ""}`;
}

/** @param {number} seconds */
function time(seconds) {
  return new Date(seconds * 1000).toLocaleString([], { dateStyle: "short", timeStyle: "medium" });
}
