import { requireFact } from '../support/requirement.js';

/**
 * What the laboratory's images are made by. Where they cannot be made, as without a mirror, the suite is skipped with
 * the reason; with CI=true it fails, for everything that they need can be installed.
 */
export async function labOrSkip<T>(context: Mocha.Context, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (process.env.CI !== 'true') requireFact(context, false, String(error));
    throw error;
  }
}
