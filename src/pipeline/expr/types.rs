//! What can be known of a condition's types without running it.

use cel::common::ast::{Expr as Ast, IdedExpr, LiteralValue as Literal};

use crate::model::Shape;

/// `Data.topic`, `Data["my-topic"]` and `has(Data.topic)` as a dotted path.
pub(super) fn path_of(expr: &Ast) -> Option<String> {
    match expr {
        Ast::Ident(name) => Some(name.clone()),
        Ast::Select(select) => Some(format!("{}.{}", path_of(&select.operand.expr)?, select.field)),
        Ast::Call(call) if call.func_name == "_[_]" => match call.args.as_slice() {
            [base, index] => match &index.expr {
                Ast::Literal(cel::common::ast::LiteralValue::String(key)) => {
                    Some(format!("{}.{}", path_of(&base.expr)?, key.inner()))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Type {
    Bool,
    Number,
    Text,
    Null,
    Other,
}

impl From<Shape> for Type {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Text => Type::Text,
            Shape::Number => Type::Number,
            Shape::Truth => Type::Bool,
            Shape::List | Shape::Any => Type::Other,
        }
    }
}

impl Type {
    /// As a message says it.
    fn said(self) -> &'static str {
        match self {
            Type::Bool => "true or false",
            Type::Number => "a number",
            Type::Text => "a text",
            Type::Null => "nothing",
            Type::Other => "anything",
        }
    }
}

/// The names of the product have fixed types.
fn fixed(path: &str) -> Shape {
    match path {
        "Hours.Open" | "Guest.IsNew" | "Session.Status.IsResolved" => Shape::Truth,
        "Session.Hop" | "Session.Turns" | "Queue.Position" | "Queue.EstimateMinutes" => {
            Shape::Number
        }
        path if ["Guest.", "Tenant.", "Company."].iter().any(|of| path.starts_with(of)) => {
            Shape::Text
        }
        _ => Shape::Any,
    }
}

fn type_of(node: &IdedExpr, shape: &dyn Fn(&str) -> Shape) -> Type {
    match &node.expr {
        Ast::Literal(Literal::Boolean(_)) => Type::Bool,
        Ast::Literal(Literal::Int(_) | Literal::UInt(_) | Literal::Double(_)) => Type::Number,
        Ast::Literal(Literal::String(_)) => Type::Text,
        Ast::Literal(Literal::Null) => Type::Null,
        Ast::Call(call) => match call.func_name.as_str() {
            "_&&_" | "_||_" | "!_" | "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "@in"
            | "contains" | "startsWith" | "endsWith" | "bool" => Type::Bool,
            "size" | "int" | "uint" | "double" | "_-_" | "_*_" | "_/_" | "_%_" | "-_" => {
                Type::Number
            }
            "string" => Type::Text,
            "_+_" => call.args.first().map_or(Type::Other, |first| type_of(first, shape)),
            _ => path_of(&node.expr).map_or(Type::Other, |path| shape(&path).into()),
        },
        Ast::Select(select) if select.test => Type::Bool,
        other => path_of(other).map_or(Type::Other, |path| shape(&path).into()),
    }
}

/// Why an expression is none that a condition can be.
pub(super) fn wrong(node: &IdedExpr) -> Option<String> {
    let of = |node: &IdedExpr| type_of(node, &fixed);
    if matches!(of(node), Type::Number | Type::Text) {
        return Some("a condition must be true or false".to_owned());
    }
    clash(node, &of)
}

fn clash(node: &IdedExpr, of: &dyn Fn(&IdedExpr) -> Type) -> Option<String> {
    let Ast::Call(call) = &node.expr else { return None };
    let parts: Vec<&IdedExpr> =
        call.target.iter().map(|target| &**target).chain(&call.args).collect();
    let types: Vec<Type> = parts.iter().map(|part| of(part)).collect();
    let name = call.func_name.as_str();
    let is_open = |t: &Type| matches!(t, Type::Other | Type::Null);
    let clashes = match name {
        "_&&_" | "_||_" | "!_" => types.iter().any(|t| matches!(t, Type::Number | Type::Text)),
        "_<_" | "_<=_" | "_>_" | "_>=_" | "_==_" | "_!=_" => {
            types.len() == 2 && types[0] != types[1] && !types.iter().any(is_open)
        }
        "contains" | "startsWith" | "endsWith" => {
            types.iter().any(|t| matches!(t, Type::Number | Type::Bool))
        }
        _ => false,
    };
    if clashes {
        return Some(format!("`{}` is used with a value of another type", name.trim_matches('_')));
    }
    parts.into_iter().find_map(|part| clash(part, of))
}

/// Comparisons that can never be true (or never false), given what kind of value each `Data` key has:
/// what is wrong, and what to write.
pub(super) fn mismatches(node: &IdedExpr, shape: &dyn Fn(&str) -> Shape) -> Vec<(String, String)> {
    let known = |path: &str| if path.starts_with("Data.") { shape(path) } else { fixed(path) };
    let mut found = Vec::new();
    collect(node, &known, &mut found);
    found
}

fn collect(node: &IdedExpr, shape: &dyn Fn(&str) -> Shape, found: &mut Vec<(String, String)>) {
    let Ast::Call(call) = &node.expr else { return };
    let parts: Vec<&IdedExpr> =
        call.target.iter().map(|target| &**target).chain(&call.args).collect();
    found.extend(mismatch(&call.func_name, &parts, shape));
    parts.into_iter().for_each(|part| collect(part, shape, found));
}

fn mismatch(
    name: &str,
    parts: &[&IdedExpr],
    shape: &dyn Fn(&str) -> Shape,
) -> Option<(String, String)> {
    let of = |node: &IdedExpr| type_of(node, shape);
    match (name, parts) {
        ("_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "_+_", [left, right]) => {
            let (one, other) = (of(left), of(right));
            let sign = name.trim_matches('_');
            if one == Type::Null || other == Type::Null {
                let path = path_of(&left.expr).or(path_of(&right.expr))?;
                return Some((
                    format!("`{path} {sign} null`: nothing is null here"),
                    format!(
                        "what was left empty is absent: write `!has({path})`, or `{path} == \"\"`"
                    ),
                ));
            }
            let open = [one, other].contains(&Type::Other);
            if open || one == other || (name == "_+_" && one != Type::Text && other != Type::Text) {
                return None;
            }
            let (path, kind, against) = match (path_of(&left.expr), path_of(&right.expr)) {
                (Some(path), _) => (path, one, *right),
                (None, Some(path)) => (path, other, *left),
                _ => return None,
            };
            Some(told(&path, kind, sign, (against, of(against))))
        }
        ("@in", [one, list]) => {
            let (path, kind) = (path_of(&one.expr)?, of(one));
            let Ast::List(list) = &list.expr else { return None };
            let all_other = kind != Type::Other
                && !list.elements.is_empty()
                && list.elements.iter().all(|it| !matches!(of(it), Type::Other) && of(it) != kind);
            let first = list.elements.first()?;
            all_other.then(|| told(&path, kind, "in", (first, of(first))))
        }
        ("contains" | "startsWith" | "endsWith", [target, ..]) => {
            let (path, kind) = (path_of(&target.expr)?, of(target));
            matches!(kind, Type::Number | Type::Bool).then(|| {
                (
                    format!("`{path}` is {}, and `{name}` looks in texts", kind.said()),
                    format!("compare it, as in `{path} == {}`", sample(kind)),
                )
            })
        }
        ("size", [of_what]) => {
            let (path, kind) = (path_of(&of_what.expr)?, of(of_what));
            matches!(kind, Type::Number | Type::Bool).then(|| {
                (
                    format!("`{path}` is {}, which has no size", kind.said()),
                    format!("compare it, as in `{path} == {}`", sample(kind)),
                )
            })
        }
        ("_&&_" | "_||_" | "!_", parts) => {
            let (part, kind) = parts
                .iter()
                .map(|part| (part, of(part)))
                .find(|(_, kind)| matches!(kind, Type::Number | Type::Text))?;
            let path = path_of(&part.expr)?;
            Some((
                format!("`{path}` is {}, and neither true nor false", kind.said()),
                format!("compare it, as in `{path} == {}`", sample(kind)),
            ))
        }
        _ => None,
    }
}

/// A comparison of a name with something of another type.
fn told(path: &str, kind: Type, sign: &str, (against, of): (&IdedExpr, Type)) -> (String, String) {
    let never = match sign {
        "==" | "in" => "never holds",
        "!=" => "always holds",
        _ => "always fails",
    };
    let message = format!(
        "`{path}` is {}, and is compared (`{sign}`) with {}: that {never}",
        kind.said(),
        of.said()
    );
    let written = match &against.expr {
        Ast::Literal(Literal::String(text)) => {
            let text = text.inner().trim().to_lowercase();
            match kind {
                Type::Number => text.parse::<f64>().ok().map(|_| text),
                Type::Bool if matches!(text.as_str(), "yes" | "true" | "ja" | "1") => {
                    Some("true".to_owned())
                }
                Type::Bool => Some("false".to_owned()),
                _ => None,
            }
        }
        Ast::Literal(Literal::Int(number)) if kind == Type::Text => {
            Some(format!("\"{}\"", number.inner()))
        }
        Ast::Literal(Literal::Boolean(truth)) if kind == Type::Text => {
            Some(format!("\"{}\"", truth.inner()))
        }
        _ => None,
    };
    let written = written.unwrap_or_else(|| sample(kind).to_owned());
    let help = match sign {
        "in" => format!("write `{path} in [{written}]`"),
        "+" => "convert one of them: `string(…)`, `int(…)`".to_owned(),
        "<" | "<=" | ">" | ">=" if kind == Type::Text => {
            format!("ask for it as `type: number`, or convert it: `int({path}) {sign} 3`")
        }
        _ => format!("write `{path} {sign} {written}`"),
    };
    (message, help)
}

fn sample(kind: Type) -> &'static str {
    match kind {
        Type::Number => "3",
        Type::Bool => "true",
        _ => "\"…\"",
    }
}
