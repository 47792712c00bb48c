import { requireVariable } from "../environment.ts";

export interface ExporterSettings {
  readonly bucket: string;
}

/**
 * DUMP_BUCKET: where dumps are written, under `dumps/`.
 *
 * @throws Error that names the variable.
 */
export function exporterSettings(env: NodeJS.ProcessEnv): ExporterSettings {
  return { bucket: requireVariable(env, "DUMP_BUCKET") };
}
