import type { Cors } from './types.ts';

/** The CORS headers of an answer with this status. */
export function corsHeaders(cors: Cors, status?: number): Readonly<Record<string, string>> {
  if (cors.origin === null || (status !== undefined && cors.missingOnStatus.includes(status))) return {};
  return {
    'access-control-allow-origin': cors.origin,
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': cors.allowHeaders,
    ...(cors.expose.length > 0 ? { 'access-control-expose-headers': cors.expose.join(', ') } : {}),
  };
}

/** Whether a page of another origin could read this header of an answer. */
export const isExposed = ({ origin, expose }: Cors, header: string): boolean =>
  origin !== null && (expose.includes('*') || expose.some((name) => name.toLowerCase() === header));
