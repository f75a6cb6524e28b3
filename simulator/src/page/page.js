import { render } from "/simulator/lit-html.js";
import { viewOf } from "/simulator/views.js";

/** @import { Summary } from "./summary-shape.ts" */

/** @type {Summary | undefined} */
let summary;
let faultKind = "status";
/** The logs that are shown, by UPID. @type {Map<string, readonly string[]>} */
const logs = new Map();

const events = new EventSource("/simulator/events");
events.onmessage = (/** @type {MessageEvent<string>} */ { data }) => {
  summary = /** @type {Summary} */ (JSON.parse(data));
  show();
  for (const { upid, lines } of summary.tasks) {
    const log = logs.get(upid);
    if (log !== undefined && log.length !== lines) void loadLog(upid);
  }
};
events.onopen = () => {
  setText("connection", "Live");
};
events.onerror = () => {
  setText("connection", "The simulator does not answer; trying again …");
};

const actions = { addFault, changeFaultKind, removeFault, changeGuest, tell, toggleLog };

function show() {
  if (summary === undefined) return;
  setText("cluster", `Cluster ${summary.cluster}, version ${summary.version}`);
  const main = document.getElementById("main");
  if (main !== null) render(viewOf(summary, { faultKind, logs }, actions), main);
}

/** @param {SubmitEvent} event */
async function addFault(event) {
  const { form, field } = readForm(event);
  const [kind, detail, times] = [field("kind"), field("detail"), field("times")];
  const effect = kind === "status" ? detail : `${kind} ${detail}`.trim();
  const fault = `${field("method")} ${field("path")} ${effect}${times === "" ? "" : ` ×${times}`}`;
  if (!(await send("POST", "faults", { fault }))) return;
  form.reset();
  changeFaultKind("status");
}

/** @param {string} kind */
function changeFaultKind(kind) {
  faultKind = kind;
  show();
}

/** @param {number} id */
function removeFault(id) {
  void send("DELETE", `faults/${id}`);
}

/** @param {SubmitEvent} event */
async function changeGuest(event) {
  const { form, field } = readForm(event);
  const [setting, value] = [field("setting"), field("value")];
  const what = value === "" ? `unset ${setting}` : `set ${setting} ${value}`;
  if (await send("POST", "incidents", { incident: `guest ${field("vmid")} ${what}` })) form.reset();
}

/** Lets something happen, after a question where it cannot be undone. @param {string} incident @param {string} [question] */
function tell(incident, question) {
  if (question === undefined || confirm(question)) void send("POST", "incidents", { incident });
}

/** @param {string} upid */
function toggleLog(upid) {
  if (logs.delete(upid)) show();
  else void loadLog(upid);
}

/** @param {string} upid */
async function loadLog(upid) {
  const response = await fetch(`/simulator/tasks/${encodeURIComponent(upid)}`);
  if (response.ok) logs.set(upid, /** @type {readonly string[]} */ (await response.json()));
  show();
}

/** @param {SubmitEvent} event */
function readForm(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const data = new FormData(form);
  const field = (/** @type {string} */ name) => {
    const value = data.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  return { form, field };
}

/** Sends what the user wants, and shows why the simulator refuses it. @param {string} method @param {string} path @param {object} [body] */
async function send(method, path, body) {
  const options = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let problem = "";
  try {
    const response = await fetch(`/simulator/${path}`, { method, ...options });
    if (!response.ok) problem = /** @type {{ message: string }} */ (await response.json()).message;
  } catch {
    problem = "The simulator does not answer.";
  }
  setText("problem", problem);
  document.getElementById("problem")?.toggleAttribute("hidden", problem === "");
  return problem === "";
}

/** @param {string} id @param {string} text */
function setText(id, text) {
  const element = document.getElementById(id);
  if (element !== null) element.textContent = text;
}
