/**
 * One call to a simulator's admin server.
 *
 * @param adminUrl what the simulator announced as its `adminUrl`
 * @throws with status and answer, where it is refused
 */
export async function stripeAdmin(
  adminUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${adminUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return response.json();
}
