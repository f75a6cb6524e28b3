/** What gRPC calls a server that nobody answers for any more. */
const unavailable = 14;
/** By this exit code the language host knows that all has been said. */
const nothingToAdd = 32;

// An engine that was killed does not take the program with it, and Pulumi's runtime then tells the engine that it cannot tell it
// anything, again and again, until there is no memory left. Where the engine is gone, so is the program.
process.prependListener("unhandledRejection", (reason) => {
  if (typeof reason === "object" && reason !== null && "code" in reason && reason.code === unavailable)
    process.exit(nothingToAdd);
});
