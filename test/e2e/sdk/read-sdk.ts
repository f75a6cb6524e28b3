import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { addFields, listOf, mapOf, objectOf, plain, unionOf } from "./surface.ts";
import type { Field, Shape, Surface } from "./surface.ts";

/**
 * Lists everything that an installed Node SDK of a Pulumi package offers to a program, read from its declarations
 * (`.d.ts`) and, for tokens and secrets, from the code beside them (`.js`).
 */
export function readSdk(folder: string): Surface {
  const surface = new Map<string, string>();
  const types = readNestedTypes(folder);
  for (const file of modulesOf(folder)) {
    const declarations = parse(`${file}.d.ts`);
    const code = parse(`${file}.js`);
    const interfaces = interfacesOf(declarations);
    const argumentsOf = (name: string): readonly Field[] => membersOf(interfaces.get(name), types);
    for (const { name, token, secrets } of resourcesOf(code)) {
      surface.set(token, "resource");
      addFields(surface, `${token} inputs`, markSecret(argumentsOf(`${name}Args`), secrets.inputs));
      const outputs = membersOf(classOf(declarations, name), types);
      addFields(surface, `${token} outputs`, markSecret(outputs, secrets.outputs));
    }
    for (const { name, token } of functionsOf(code)) {
      surface.set(token, "function");
      addFields(surface, `${token} inputs`, argumentsOf(`${name}Args`));
      addFields(surface, `${token} outputs`, argumentsOf(`${name}Result`));
    }
  }
  return addConfig(surface, folder, types);
}

type Declaration = ts.InterfaceDeclaration | ts.ClassDeclaration;
type NestedTypes = ReadonlyMap<string, ts.InterfaceDeclaration>;

/** What holds nested types, configuration and scaffolding, rather than resources and functions. */
const besidesModules = /^(node_modules|types|config|scripts)\/|^(.*\/)?(index|utilities)\.d\.ts$/;

/** Path without extension of each file that declares resources or functions. */
function modulesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".d.ts") && !besidesModules.test(file))
    .map((file) => join(folder, file.slice(0, -".d.ts".length)))
    .filter((file) => existsSync(`${file}.js`))
    .sort();
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ESNext, true);
}

/** The interfaces of `types/input` and `types/output`, as other declarations call them: `inputs.remote.Connection`. */
function readNestedTypes(folder: string): NestedTypes {
  const types = new Map<string, ts.InterfaceDeclaration>();
  for (const kind of ["input", "output"]) {
    const file = join(folder, "types", `${kind}.d.ts`);
    if (!existsSync(file)) continue;
    for (const [name, declaration] of interfacesOf(parse(file), `${kind}s.`)) types.set(name, declaration);
  }
  return types;
}

function interfacesOf(node: ts.Node, prefix = ""): Map<string, ts.InterfaceDeclaration> {
  const found = new Map<string, ts.InterfaceDeclaration>();
  ts.forEachChild(node, (child) => {
    if (ts.isInterfaceDeclaration(child)) found.set(prefix + child.name.text, child);
    // The results of a provider's methods are declared in a namespace of their own.
    if (!ts.isModuleDeclaration(child) || child.body === undefined) return;
    const inner = prefix === "" ? prefix : `${prefix}${child.name.text}.`;
    for (const [name, declaration] of interfacesOf(child.body, inner)) found.set(name, declaration);
  });
  return found;
}

function classOf(declarations: ts.SourceFile, name: string): ts.ClassDeclaration | undefined {
  return declarations.statements.filter(ts.isClassDeclaration).find((declared) => declared.name?.text === name);
}

function membersOf(declaration: Declaration | undefined, types: NestedTypes): readonly Field[] {
  const members: readonly ts.Node[] = declaration?.members ?? [];
  return members
    .filter((member) => ts.isPropertySignature(member) || ts.isPropertyDeclaration(member))
    .flatMap((member) =>
      member.type === undefined
        ? []
        : [fieldOf(textOf(member.name), member.questionToken === undefined, member.type, types)],
    );
}

function fieldOf(name: string, required: boolean, type: ts.TypeNode, types: NestedTypes): Field {
  // An output of a resource is always there and says in its type whether it may be undefined.
  const optional = !required || (ts.isTypeReferenceNode(type) && /\.Output<.*\| undefined>$/s.test(type.getText()));
  return { name, required: !optional, secret: false, shape: shapeOf(type, types) };
}

function shapeOf(type: ts.TypeNode, types: NestedTypes): Shape {
  if (ts.isArrayTypeNode(type)) return listOf(shapeOf(type.elementType, types));
  if (ts.isParenthesizedTypeNode(type)) return shapeOf(type.type, types);
  if (ts.isUnionTypeNode(type)) {
    const members = type.types.filter((member) => member.kind !== ts.SyntaxKind.UndefinedKeyword);
    return unionOf(members.map((member) => shapeOf(member, types)));
  }
  if (ts.isTypeLiteralNode(type)) {
    const index = type.members.find(ts.isIndexSignatureDeclaration);
    return index === undefined ? plain(type.getText()) : mapOf(shapeOf(index.type, types));
  }
  return ts.isTypeReferenceNode(type) ? referencedShape(type, types) : plain(type.getText());
}

function referencedShape(type: ts.TypeReferenceNode, types: NestedTypes): Shape {
  const name = type.typeName.getText();
  const wrapped = type.typeArguments?.[0];
  if (/^pulumi\.(Input|Output)$/.test(name) && wrapped !== undefined) return shapeOf(wrapped, types);
  const nested = types.get(name);
  if (nested !== undefined) return objectOf(() => membersOf(nested, types));
  const last = name.split(".").at(-1) ?? name;
  return plain(name.startsWith("enums.") ? `enum ${last}` : last);
}

interface ResourceCode {
  readonly name: string;
  readonly token: string;
  readonly secrets: { readonly inputs: ReadonlySet<string>; readonly outputs: ReadonlySet<string> };
}

/** The resources of a module: `Nfs.__pulumiType = "…"`, or the same as a static property. */
function resourcesOf(code: ts.SourceFile): ResourceCode[] {
  const secrets = { inputs: secretInputsOf(code), outputs: secretOutputsOf(code) };
  return [...code.getFullText().matchAll(/^(.*)__pulumiType = (['"])(.+)\2;$/gm)].map(([, before, , type]) => {
    const name = /^(\w+)\.$/.exec(before ?? "")?.[1] ?? classNameIn(code);
    const token = type ?? "";
    return { name, token: token.includes(":") ? token : `pulumi:providers:${token}`, secrets };
  });
}

function classNameIn(code: ts.SourceFile): string {
  return code.statements.find(ts.isClassDeclaration)?.name?.text ?? "";
}

function secretInputsOf(code: ts.SourceFile): ReadonlySet<string> {
  return new Set(
    [...code.getFullText().matchAll(/resourceInputs\["(\w+)"\] = .*pulumi\.secret\(/g)].map(([, name]) => name ?? ""),
  );
}

function secretOutputsOf(code: ts.SourceFile): ReadonlySet<string> {
  const list = /additionalSecretOutputs: \[([^\]]*)\]/.exec(code.getFullText())?.[1] ?? "";
  return new Set([...list.matchAll(/"(\w+)"/g)].map(([, name]) => name ?? ""));
}

function markSecret(fields: readonly Field[], secret: ReadonlySet<string>): readonly Field[] {
  return fields.map((field) => ({ ...field, secret: secret.has(field.name) }));
}

/** The functions of a module, and the methods of a provider: each calls the engine with its token. */
function functionsOf(code: ts.SourceFile): { name: string; token: string }[] {
  const calls = code.getFullText().matchAll(/pulumi\.runtime\.(?:invoke|call)\("([^"]+)"/g);
  return [...new Set([...calls].map(([, token]) => token ?? ""))].map((token) => {
    const name = token.split(/[:/]/).at(-1) ?? "";
    return { name: name.charAt(0).toUpperCase() + name.slice(1), token };
  });
}

function addConfig(surface: Map<string, string>, folder: string, types: NestedTypes): Surface {
  const file = join(folder, "config", "vars.d.ts");
  if (!existsSync(file)) return surface;
  const variables = parse(file).statements.filter(ts.isVariableStatement);
  const fields = variables
    .flatMap((statement) => [...statement.declarationList.declarations])
    .flatMap(({ name, type }) => (type === undefined ? [] : [fieldOf(name.getText(), false, type, types)]));
  addFields(surface, `${packageNameOf(surface)} config`, fields);
  return surface;
}

function packageNameOf(surface: Surface): string {
  const provider = [...surface.keys()].find((place) => /^pulumi:providers:\w+$/.test(place));
  return provider?.split(":").at(-1) ?? "";
}

function textOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}
