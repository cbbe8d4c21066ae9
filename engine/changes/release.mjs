/** The release of QuickJS that the changes apply to. `sha256`: hashOf() of its .c and .h files (apply.mjs). */
export const release = {
  version: "2025-04-26",
  sha256: "7e328fc7b64acd39b834ecc61daa589f082c7f3ca89637acd9bb3cdc58247ea3",
};
