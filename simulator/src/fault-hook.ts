import type { FastifyRequest } from "fastify";
import { ApiError } from "./api-error.ts";
import type { FaultEffect } from "./faults.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** A fault that strikes while or after the work is done. */
    fault?: FaultEffect;
  }
}

/** Lets a fault strike a request that has just come in; returns the refusal that answers it, if one does. */
export function strike(effect: FaultEffect, request: FastifyRequest, proceed: () => void): ApiError | undefined {
  switch (effect.kind) {
    case "status":
      return new ApiError(effect.status, effect.message ?? "a fault that was asked for");
    case "delay":
      setTimeout(proceed, effect.seconds * 1000).unref();
      break;
    case "drop":
      if (effect.after !== true) request.raw.socket.destroy();
      else proceedWith(effect, request, proceed);
      break;
    case "task":
      proceedWith(effect, request, proceed);
      break;
    case "hang":
  }
  return undefined;
}

function proceedWith(effect: FaultEffect, request: FastifyRequest, proceed: () => void): void {
  request.fault = effect;
  proceed();
}
