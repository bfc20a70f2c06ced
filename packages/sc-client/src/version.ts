/** The version of this package, announced to servers. A test holds it to package.json. */
export const version = '0.1.0';
