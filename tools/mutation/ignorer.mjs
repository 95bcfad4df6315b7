/**
 * What Stryker leaves alone. Text for people: the sentences and hints of errors may be reworded without a fault. And, where a
 * sample is asked for, all statements and conditions but a share of them, the same ones for the same seed.
 */
import { createHash } from 'node:crypto';

const { POSTHASTE_MUTATION_SHARE = '1', POSTHASTE_MUTATION_SEED: seed = '1' } = process.env;
const share = Number(POSTHASTE_MUTATION_SHARE);

const NAMES_OF_TEXT = new Set(['hint', 'message', 'reason']);

function nameOf(node) {
  return node?.type === 'Identifier' || node?.type === 'PrivateName' ? (node.name ?? node.id?.name ?? '') : '';
}

function isText({ node }) {
  return node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
}

/** `a + b`, `a ?? b`, and a side of `a ? b : c`: text where their sides are. */
function isMadeOf(parent, node) {
  switch (parent?.type) {
    case 'ConditionalExpression':
      return parent.test !== node;
    case 'BinaryExpression':
      return parent.operator === '+';
    default:
      return parent?.type === 'LogicalExpression';
  }
}

function isForPeople(path) {
  if (!isText(path)) return false;
  let { node, parentPath: parent } = path;
  while (isMadeOf(parent?.node, node)) ({ node, parentPath: parent } = parent);
  switch (parent?.node.type) {
    case 'ObjectProperty':
      return parent.node.value === node && NAMES_OF_TEXT.has(nameOf(parent.node.key));
    case 'NewExpression':
      return parent.node.arguments[0] === node && /(?:Error|Exception)$/.test(nameOf(parent.node.callee));
    case 'CallExpression': {
      const { callee } = parent.node;
      const called = callee.type === 'MemberExpression' ? nameOf(callee.property) : nameOf(callee);
      return parent.node.arguments[0] === node && /^fail/.test(called);
    }
    default:
      return false;
  }
}

const DRAWN = /^(?:ExpressionStatement|ReturnStatement|VariableDeclaration|ThrowStatement)$/;

/** Conditions, and statements without statements of their own, are drawn, each by itself. Blocks always stay. */
function isNotDrawn({ node, key }) {
  if (share === 1 || (key !== 'test' && !DRAWN.test(node.type))) return false;
  const digest = createHash('sha256')
    .update(`${seed}:${String(node.start)}:${String(node.end)}`)
    .digest();
  return digest.readUInt32BE(0) / 2 ** 32 >= share;
}

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'posthaste',
    value: {
      shouldIgnore(path) {
        if (isForPeople(path)) return 'text for people';
        if (isNotDrawn(path)) return 'not in the sample';
        return undefined;
      },
    },
  },
];
