import js from "@eslint/js";
import globals from "globals";

/** Pages that demand trusted types refuse these, so text must never become markup. */
const MARKUP = ["innerHTML", "outerHTML"].map((name) => ({
  selector: `AssignmentExpression > MemberExpression.left[property.name=${name}]`,
  message: "Pages with trusted types refuse markup from text: build elements, or parse a fragment.",
}));

/** Markup can replace the properties of the document. */
const CLOBBERED = {
  selector: "MemberExpression[object.name=document]",
  message: "Markup can replace this property: read it of safeDocument (src/clobbering.js).",
};

export default [
  // Built, or made by others.
  { ignores: ["dist", "vendor"] },
  js.configs.recommended,
  {
    rules: {
      "no-empty": ["error", { allowEmptyCatch: true }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-syntax": ["error", ...MARKUP],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  { files: ["agent/**", "console/**", "src/**"], languageOptions: { globals: globals.browser } },
  { files: ["agent/**", "src/**"], rules: { "no-restricted-syntax": ["error", ...MARKUP, CLOBBERED] } },
  // The agent's files compare with ==, which is shorter: agent.js has a budget.
  { files: ["console/**"], rules: { eqeqeq: "error" } },
  { files: ["*.mjs"], languageOptions: { globals: globals.node } },
];
