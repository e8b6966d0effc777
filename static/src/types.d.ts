declare module "*.css" {
  export const sheet: CSSStyleSheet;
}

declare module "faces" {
  const faces: string[];
  export default faces;
}

declare module "thumb" {
  const line: string;
  export default line;
}

declare module "drawings" {
  const drawings: any;
  export default drawings;
}

declare module "screenshot" {
  const texts: Record<string, string>;
  export default texts;
}

declare module "texts" {
  const texts: Record<string, string>;
  export default texts;
}

declare module "further" {
  const texts: Record<string, string>;
  export default texts;
}

interface Navigator {
  /** Not every browser has it: https://globalprivacycontrol.org */
  readonly globalPrivacyControl?: boolean;
}

interface HTMLElementTagNameMap {
  "tilfreds-rating": import("./rating.js").Rating;
}
