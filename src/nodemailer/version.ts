/** The version of this package, for those who ask a transport for it. A test holds it against package.json. */
export const VERSION = '0.1.0';
