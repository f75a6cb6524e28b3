// Imported by tests that run the engine often and do not test how it keeps its state: without a write of the whole state after
// each step an `up` takes half of the processor's time. No run of a user has this setting, nor has a test of runs that are killed,
// fail or are resumed.
process.env["PULUMI_EXPERIMENTAL"] = "true";
process.env["PULUMI_SKIP_CHECKPOINTS"] = "true";
