//! `switch`: the first case whose condition holds decides where to go.

use crate::{
    model::StageId,
    pipeline::{
        cx::Cx,
        expr::Expr,
        flow::Flow,
        stage::{Behaviour, Mention},
    },
    source::{At, Fields},
};

/// Settings of a `switch` stage.
#[derive(Debug, Clone)]
pub struct Switch(Vec<(Expr, At<StageId>)>);

impl Switch {
    /// Reads the settings.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let items = fields.require("cases")?.list(fields.problems, "`cases`")?;
        if items.is_empty() {
            fields.problems.error(
                fields.place_of("cases"),
                format!("{} has no cases", fields.name),
                "add `- { when: …, next: … }`",
            );
        }
        let mut cases = Vec::new();
        for item in items {
            let Some(case) = item.fields(fields.problems, "a case") else { continue };
            let when = case
                .require_text("when")
                .and_then(|text| Expr::compile(text, fields.problems))
                .or_else(|| Expr::unread(case.place));
            let next = case.require_text("next");
            case.finish();
            if let (Some(when), Some(next)) = (when, next) {
                cases.push((when, At::new(StageId::from(&next.value), &next.place)));
            }
        }
        Some(Switch(cases))
    }
}

impl Behaviour for Switch {
    fn enter(&self, cx: &mut Cx<'_>) -> Flow {
        let scope = cx.scope();
        for (when, next) in &self.0 {
            match when.holds(&scope) {
                Ok(true) => {
                    return Flow::Goto { exit: when.source.clone(), stage: next.value.clone() };
                }
                Ok(false) => {}
                // A value of another type than the checker could know: it does not hold, and the
                // trail and the log say so.
                Err(_) => cx.condition_failed(&when.source),
            }
        }
        Flow::Next
    }

    fn mentions(&self) -> Vec<Mention<'_>> {
        self.0.iter().map(|(when, _)| Mention::Expr(when)).collect()
    }

    fn waits(&self) -> bool {
        false
    }

    fn leads(&self) -> Vec<(String, At<StageId>)> {
        self.0.iter().map(|(when, next)| (when.source.clone(), next.clone())).collect()
    }
}
