/** The few functions of jStat that lib/special-functions.ts uses; the package comes without types. */
declare module 'jstat' {
  const jStat: {
    ibeta(x: number, a: number, b: number): number;
    gammaln(x: number): number;
    readonly binomial: { pdf(k: number, n: number, chance: number): number };
    readonly normal: {
      cdf(x: number, mean: number, deviation: number): number;
      inv(share: number, mean: number, deviation: number): number;
    };
    readonly studentt: { inv(share: number, degreesOfFreedom: number): number };
  };
  export default jStat;
}
