//! Conditions (`when:`): CEL expressions without comprehensions, bounded before they are parsed,
//! compiled when the company is loaded.

mod given;
mod types;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use cel::{Context, Program, common::ast::Expr as Ast, common::ast::IdedExpr};
use serde_json::Value;

use crate::{
    model::Shape,
    source::{At, Place, Problems},
};
use given::{fill, there};
use types::path_of;

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 2048;
/// The deepest nesting of brackets, and the longest run of operators in a row: the parser recurses
/// for each.
const MAX_NESTING: usize = 32;
/// The most operators (`&&` counts as two) and the most dots.
const MAX_OPERATORS: usize = 256;
/// CEL's parser needs about 90 KiB of stack per bracket in a debug build.
const STACK: usize = 32 * 1024 * 1024;

/// A compiled condition.
#[derive(Clone)]
pub struct Expr {
    /// As written.
    pub source: String,
    /// Where it stands.
    pub place: Place,
    program: Arc<Program>,
    variables: Vec<String>,
    /// Variables that must read as "" when they are not there: all that no `has()` asks about.
    plain: Vec<Vec<String>>,
}

impl std::fmt::Debug for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expr({:?})", self.source)
    }
}

impl Expr {
    /// Compiles a condition; a mistake becomes a problem.
    pub fn compile(text: At<String>, problems: &Problems) -> Option<Expr> {
        let At { value: source, place } = text;
        if let Some(reason) = too_big(&source) {
            problems.error(
                &place,
                format!("this condition {reason}"),
                "split it: use a `switch` with several cases",
            );
            return None;
        }
        let parsed = {
            let source = source.clone();
            // A thread of its own, because the parser's stack is deep; once per condition, at load.
            std::thread::Builder::new()
                .stack_size(STACK)
                .spawn(move || Program::compile(&source).map_err(|error| error.to_string()))
        };
        let program = match parsed.map(std::thread::JoinHandle::join) {
            Ok(Ok(Ok(program))) => program,
            Ok(Ok(Err(reason))) => {
                let reason = reason.lines().next().unwrap_or_default().trim();
                let reason =
                    reason.split_once("Syntax error: ").map_or(reason, |(_, reason)| reason);
                // What the parser expected instead is a list of its grammar's names.
                let reason = reason.split(" expecting {").next().unwrap_or(reason).to_owned();
                problems.error(
                    &place,
                    format!("this condition cannot be read ({reason})"),
                    "write a CEL expression, such as Guest.Country == \"DE\" && !Hours.Open",
                );
                return None;
            }
            _ => {
                problems.error(
                    &place,
                    "this condition cannot be read",
                    "write a simpler CEL expression",
                );
                return None;
            }
        };
        let mut seen = Seen::default();
        seen.visit(program.expression(), false);
        if let Some((reason, help)) = refused(&seen, program.expression()) {
            problems.error(&place, reason, help);
            return None;
        }
        let plain = seen
            .paths
            .iter()
            .filter(|path| !seen.tested.contains(*path))
            .map(|path| path.split('.').map(str::to_owned).collect())
            .collect();
        let variables = seen.paths.union(&seen.tested).cloned().collect();
        Some(Expr { source, place, program: Arc::new(program), variables, plain })
    }

    /// Stands for a condition that could not be read, so that what follows from its place is not
    /// told as further mistakes.
    pub fn unread(place: &Place) -> Option<Expr> {
        Expr::compile(At::new("true".to_owned(), place), &Problems::default())
    }

    /// The variables that it names.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// True when it looks at the value of that key, or at something above or below it.
    pub fn uses(&self, key: &str) -> bool {
        let under = |inner: &str, outer: &str| {
            inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
        };
        self.variables.iter().any(|path| under(path, key) || under(key, path))
    }

    /// Comparisons that can never hold, or always do, given what kind of value each `Data` key has.
    pub fn mismatches(&self, shape: &dyn Fn(&str) -> Shape) -> Vec<(String, String)> {
        types::mismatches(self.program.expression(), shape)
    }

    /// Evaluates it. What is empty in `scope` is absent: it reads as "", unless `has()` asks for it.
    pub fn holds(&self, scope: &Value) -> Result<bool, String> {
        let mut values = match scope {
            Value::Object(map) => there(map),
            _ => HashMap::new(),
        };
        for path in &self.plain {
            fill(&mut values, path);
        }
        let mut context = Context::default();
        for (name, value) in values {
            context.add_variable_from_value(name, value.cel());
        }
        match self.program.execute(&context) {
            Ok(cel::Value::Bool(truth)) => Ok(truth),
            Ok(_) => Err("the condition is neither true nor false".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The functions that a condition may call beside the operators.
const FUNCTIONS: [&str; 10] = [
    "contains",
    "startsWith",
    "endsWith",
    "size",
    "has",
    "int",
    "uint",
    "double",
    "string",
    "bool",
];

/// Why a condition that can be read is none all the same, and what to write instead.
fn refused(seen: &Seen, expression: &IdedExpr) -> Option<(String, String)> {
    if seen.comprehension {
        return Some((
            "a condition cannot loop (`all`, `exists`, `map`, `filter`)".to_owned(),
            "compare single values, or use `in` with a list".to_owned(),
        ));
    }
    let is_known = |function: &str| {
        FUNCTIONS.contains(&function) || function.starts_with(['_', '@', '!', '-'])
    };
    if let Some(function) = seen.functions.iter().find(|function| !is_known(function)) {
        return Some((
            format!("a condition has no function `{function}`"),
            format!("use one of: {}", FUNCTIONS.join(", ")),
        ));
    }
    let reason = types::wrong(expression)?;
    let help = if reason.contains("another type") {
        "compare text with text and numbers with numbers, as in Guest.Country == \"DE\" or Session.Hop > 1"
    } else {
        "write a comparison, such as Data.topic == \"pay\", or a truth value, such as Hours.Open"
    };
    Some((reason, help.to_owned()))
}

fn too_big(source: &str) -> Option<&'static str> {
    if source.trim().is_empty() {
        return Some("is empty");
    }
    if source.len() > MAX_LENGTH {
        return Some("is longer than 2 KB");
    }
    let (mut depth, mut deepest, mut signs, mut most_signs) = (0usize, 0usize, 0usize, 0usize);
    // Every operator of a chain is one level of the tree that is made of it, like every dot.
    let (mut operators, mut dots) = (0usize, 0usize);
    let mut quote = None;
    let mut escaped = false;
    for c in source.chars() {
        match quote {
            Some(open) => {
                if !escaped && c == open {
                    quote = None;
                }
                escaped = c == '\\' && !escaped;
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            None => {}
        }
        match c {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        operators += usize::from("+-*/%<>&|=".contains(c));
        dots += usize::from(c == '.');
        signs = if matches!(c, '!' | '-') { signs + 1 } else { 0 };
        (deepest, most_signs) = (deepest.max(depth), most_signs.max(signs));
    }
    let is_deep = deepest > MAX_NESTING
        || most_signs > MAX_NESTING
        || operators > MAX_OPERATORS
        || dots > MAX_OPERATORS;
    is_deep.then_some("is nested too deeply")
}

/// What an expression mentions.
#[derive(Default)]
struct Seen {
    paths: BTreeSet<String>,
    tested: BTreeSet<String>,
    functions: BTreeSet<String>,
    comprehension: bool,
}

impl Seen {
    fn visit(&mut self, node: &IdedExpr, tested: bool) {
        if let Some(path) = path_of(&node.expr) {
            if tested || matches!(&node.expr, Ast::Select(select) if select.test) {
                self.tested.insert(path);
            } else {
                self.paths.insert(path);
            }
            return;
        }
        match &node.expr {
            Ast::Call(call) => {
                self.functions.insert(call.func_name.clone());
                for part in call.target.iter().map(|target| &**target).chain(&call.args) {
                    self.visit(part, false);
                }
            }
            Ast::Comprehension(_) => self.comprehension = true,
            Ast::List(list) => list.elements.iter().for_each(|part| self.visit(part, false)),
            Ast::Select(select) => self.visit(&select.operand, select.test),
            Ast::Map(_) | Ast::Struct(_) => {
                self.functions.insert("{…}".to_owned());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expr(source: &str) -> Result<Expr, String> {
        let problems = Problems::default();
        let compiled = Expr::compile(At::new(source.to_owned(), &Place::start_of("f")), &problems);
        compiled.ok_or_else(|| problems.into_sorted().remove(0).message)
    }

    #[test]
    fn the_documented_forms_work() {
        let scope = json!({"Guest": {"Country": "DE", "Question": "my pay slip", "Email": ""}, "Hours": {"Open": false}, "Data": {"city": "Oslo", "empty": "", "nothing": null, "n": 3, "half": 2.5, "list": [1]}, "Session": {"Hop": 2}});
        for (source, want) in [
            (r#"Guest.Country == "DE" && !Hours.Open"#, true),
            ("has(Data.topic)", false),
            ("has(Data.city)", true),
            (r#"has(Data.topic) && Data.topic == "x""#, false),
            (r#"Data.topic == "x""#, false),
            (r#"Data.topic != "x""#, true),
            (r#"Data.city in ["Oslo", "Bergen"]"#, true),
            (r#"Guest.Question.contains("pay")"#, true),
            ("Session.Hop > 1", true),
            (r#"Data["city"] == 'Oslo'"#, true),
            // What was left empty.
            (r#"Data.topic == """#, true),
            (r#"Data.empty == "" && Data.nothing == "" && Guest.Email == """#, true),
            ("!has(Data.empty) && !has(Data.nothing) && !has(Guest.Email)", true),
            (r#"size(Data.topic) == 0 && !Data.topic.contains("x")"#, true),
            // Whole numbers are whole numbers.
            ("Data.n + 1 == 4 && Data.n - 4 == -1 && Data.n * 2 > 5 && Data.n == 3.0", true),
            ("Session.Hop + 1 > 1 && Session.Hop in [1, 2]", true),
            ("Data.half == 2.5 && Data.half + 0.5 == double(Data.n)", true),
            ("Data.list[0] + 1 == 2", true),
        ] {
            assert_eq!(expr(source).and_then(|e| e.holds(&scope)), Ok(want), "{source}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_at_load() {
        let deep = format!("{}true{}", "(".repeat(40), ")".repeat(40));
        for (source, part) in [
            ("", "empty"),
            ("Guest.Country ==", "cannot be read"),
            ("[1, 2].all(x, x > 1)", "loop"),
            ("Guest.Country > 3", "another type"),
            ("Hours.Open == \"yes\"", "another type"),
            ("Guest.Country", "true or false"),
            ("frobnicate(Data.x)", "no function"),
            (deep.as_str(), "too deeply"),
        ] {
            let message = expr(source).expect_err(source);
            assert!(message.contains(part), "{source}: {message}");
        }
        let fits = format!("{}true{}", "(".repeat(30), ")".repeat(30));
        assert_eq!(expr(&fits).and_then(|e| e.holds(&json!({}))), Ok(true));
    }
    #[test]
    fn what_can_never_hold_is_known() {
        let shape = |path: &str| match path {
            "Data.n" => Shape::Number,
            "Data.s" => Shape::Text,
            "Data.ok" => Shape::Truth,
            _ => Shape::Any,
        };
        for (source, help) in [
            (r#"Data.n == "3""#, "write `Data.n == 3`"),
            (r#""3" != Data.n"#, "write `Data.n != 3`"),
            (r#"Data.n in ["1", "2"]"#, "write `Data.n in [1]`"),
            (r#"Data.s == 3"#, "write `Data.s == \"3\"`"),
            (r#"Data.s > 3"#, "ask for it as `type: number`, or convert it: `int(Data.s) > 3`"),
            (r#"Data.ok == "yes""#, "write `Data.ok == true`"),
            (
                r#"Data.s == null"#,
                "what was left empty is absent: write `!has(Data.s)`, or `Data.s == \"\"`",
            ),
            (r#"has(Data.s) && Data.n"#, "compare it, as in `Data.n == 3`"),
            (r#"Data.n.contains("3")"#, "compare it, as in `Data.n == 3`"),
            (r#"size(Data.n) > 1"#, "compare it, as in `Data.n == 3`"),
            (r#"Data["n"] == "3""#, "write `Data.n == 3`"),
        ] {
            let told = expr(source).unwrap().mismatches(&shape);
            let helps: Vec<&str> = told.iter().map(|(_, help)| help.as_str()).collect();
            assert_eq!(helps, [help], "{source}");
        }
        for source in [
            r#"Data.n == 3 && Data.s == "x" && Data.ok == true && Data.ok"#,
            r#"Data.any == 3 || Data.any == "3" || Data.s in ["a", "b"]"#,
            "Data.n + 1 == 4 && -Data.n < 0 && size(Data.s) > 3",
            r#"string(Data.n) == "3" && Data.s + "x" == "ax""#,
        ] {
            assert_eq!(expr(source).unwrap().mismatches(&shape), [], "{source}");
        }
    }
}
