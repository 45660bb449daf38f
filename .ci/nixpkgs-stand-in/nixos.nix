# A machine's configuration as the union of what its modules set, without types, priorities or
# NixOS' own modules: lists are joined, of other values the last one stands. Its "system" is the
# configuration as JSON.
{ lib, pkgs }:
{ modules, ... }:
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    filter
    isAttrs
    isFunction
    isList
    ;
  is = type: value: isAttrs value && value._type or null == type;
  plain = value: isAttrs value && !(value ? _type) && !(value ? outPath);
  last = list: builtins.elemAt list (builtins.length list - 1);

  # What conditions let through, of one definition.
  through =
    value:
    if is "if" value then
      if value.condition then through value.content else [ ]
    else if is "merge" value then
      concatMap through value.contents
    else if is "override" value then
      through value.content
    else
      [ value ];
  merge =
    definitions:
    let
      values = concatMap through definitions;
      names = concatMap attrNames values;
    in
    if builtins.all plain values then
      lib.genAttrs names (name: merge (map (v: v.${name}) (filter (v: v ? ${name}) values)))
    else if builtins.all isList values then
      concatLists values
    else
      last values;
  # A condition around a whole module goes to the settings in it, since it may ask for others.
  settings =
    module:
    let
      all =
        module.config or (builtins.removeAttrs module [
          "imports"
          "options"
        ]);
    in
    if is "if" all then lib.mapAttrs (_: lib.mkIf all.condition) all.content else all;

  load =
    module:
    let
      found = if isFunction module then module arguments else module;
    in
    if isAttrs found then [ found ] ++ concatMap load (found.imports or [ ]) else load (import found);
  all = concatMap load modules;

  defaults =
    options: lib.mapAttrs (_: o: if is "option" o then o.default or null else defaults o) options;
  definitions = map (m: defaults (m.options or { })) all ++ map settings all;
  config = lib.genAttrs (concatMap attrNames definitions) (
    name: merge (map (d: d.${name}) (filter (d: d ? ${name}) definitions))
  );
  arguments = {
    inherit lib pkgs config;
  };
in
{
  inherit pkgs;
  config = config // {
    system.build.toplevel = pkgs.writeText "system.json" (builtins.toJSON config);
  };
}
