/** CURVE keys in Z85, where an address leaves the machine. */
export interface Curve {
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

export const curveOptions = (curve: Curve | undefined) =>
  curve
    ? { curveServerKey: curve.serverKey, curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey }
    : ({} as const);
