//! The shape of one pipeline: what is reached, where it ends, what loops.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    model::StageId,
    pipeline::playbook::{Pipeline, Stage},
    source::Problems,
};

/// Where a stage can go as soon as it is entered, without waiting for anyone.
pub(super) fn at_once(pipeline: &Pipeline, stage: &Stage) -> Vec<StageId> {
    let behaviour = stage.kind.behaviour();
    if !behaviour.waits() {
        return pipeline.ways(stage);
    }
    let written = |exit: &&str| match *exit {
        "next" => pipeline.following(stage),
        exit => stage.head.exit(exit).cloned(),
    };
    let passed = behaviour.passes().iter().filter_map(|exits| exits.iter().find_map(written));
    let skipped = stage.when.as_ref().and_then(|_| pipeline.following(stage));
    passed.chain(skipped).collect()
}

/// True when a session can leave its department at this stage: it ends, runs out, or moves on.
fn leaves(pipeline: &Pipeline, stage: &Stage) -> bool {
    let behaviour = stage.kind.behaviour();
    // The end of the list counts for every kind that could reach it, whichever exits are written.
    let runs_out = behaviour.falls_through(&[]) || stage.when.is_some();
    behaviour.leaves() || (runs_out && pipeline.following(stage).is_none())
}

/// Reachability, loops and ends of one pipeline.
/// A session can also begin at `handover`.
pub(super) fn shape(pipeline: &Pipeline, handover: Option<&StageId>, problems: &Problems) {
    let Some(first) = pipeline.stages.keys().next() else { return };
    // What lies behind a loop that is never left is reached by nobody, which is no further mistake.
    if loops(pipeline, problems) {
        return;
    }
    let graph: BTreeMap<&StageId, Vec<StageId>> =
        pipeline.stages.iter().map(|(id, stage)| (id, pipeline.ways(stage))).collect();
    let mut queue: Vec<StageId> = [first].into_iter().chain(handover).cloned().collect();
    let mut reached: BTreeSet<StageId> = queue.iter().cloned().collect();
    while let Some(id) = queue.pop() {
        for to in graph.get(&id).into_iter().flatten() {
            if reached.insert(to.clone()) {
                queue.push(to.clone());
            }
        }
    }
    for (id, stage) in &pipeline.stages {
        if !reached.contains(id) {
            problems.error(
                &stage.head.place,
                format!("stage `{id}` is never reached"),
                "lead an exit to it, or remove it",
            );
        }
    }
    let mut ends: BTreeSet<&StageId> = pipeline
        .stages
        .iter()
        .filter(|(_, stage)| leaves(pipeline, stage))
        .map(|(id, _)| id)
        .collect();
    let mut leads: BTreeMap<&StageId, Vec<&StageId>> = BTreeMap::new();
    for (from, all) in &graph {
        all.iter().for_each(|to| leads.entry(to).or_default().push(from));
    }
    let mut queue: Vec<&StageId> = ends.iter().copied().collect();
    while let Some(to) = queue.pop() {
        for &from in leads.get(to).into_iter().flatten() {
            if ends.insert(from) {
                queue.push(from);
            }
        }
    }
    if let Some((id, stage)) =
        pipeline.stages.iter().find(|(id, _)| reached.contains(*id) && !ends.contains(id))
    {
        problems.error(
            &stage.head.place,
            format!("from stage `{id}` no end can be reached"),
            "lead some exit to an `end` or a `transfer`",
        );
    }
}

/// True when there are loops in which no stage waits.
fn loops(pipeline: &Pipeline, problems: &Problems) -> bool {
    // From a stage that leads to nothing but others from which no way comes back none does: most
    // pipelines are done with that, in one walk.
    let graph: BTreeMap<&StageId, Vec<StageId>> =
        pipeline.stages.iter().map(|(id, stage)| (id, at_once(pipeline, stage))).collect();
    let mut ways_on: BTreeMap<&StageId, usize> = BTreeMap::new();
    let mut leads: BTreeMap<&StageId, Vec<&StageId>> = BTreeMap::new();
    for (&from, all) in &graph {
        ways_on.insert(from, all.len());
        all.iter().for_each(|to| leads.entry(to).or_default().push(from));
    }
    let mut straight: Vec<&StageId> =
        ways_on.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = straight.pop() {
        ways_on.remove(id);
        for from in leads.get(id).into_iter().flatten() {
            if let Some(count) = ways_on.get_mut(from) {
                *count -= 1;
                if *count == 0 {
                    straight.push(from);
                }
            }
        }
    }
    let mut told: BTreeSet<StageId> = BTreeSet::new();
    for (id, stage) in &pipeline.stages {
        if !ways_on.contains_key(id) || told.contains(id) || problems.is_enough() {
            continue;
        }
        let ways = |at: &StageId| graph.get(at).cloned().unwrap_or_default();
        if let Some(circle) = round(id, ways) {
            let names: Vec<String> =
                circle.iter().chain([id]).map(|id| format!("`{id}`")).collect();
            let seldom = circle
                .iter()
                .filter_map(|id| pipeline.stages.get(id))
                .find(|stage| stage.kind.behaviour().waits());
            let remedy = "put a stage that waits (`menu`, `ask`) into the loop";
            problems.error(
                &stage.head.place,
                format!("stages loop without waiting for anyone: {}", names.join(" → ")),
                match seldom {
                    Some(stage) => format!("{remedy}: `{}` {}", stage.head.id, passing(stage)),
                    None => remedy.to_owned(),
                },
            );
            told.extend(circle);
        }
    }
    !told.is_empty()
}

/// Why a stage that waits is gone through without waiting.
fn passing(stage: &Stage) -> &'static str {
    match stage.kind.name() {
        "faq" => "does not wait when it finds nothing",
        "agent" => "does not wait while nobody can come",
        _ => "does not wait when its `when` is false",
    }
}

/// The shortest way from a place back to itself, beginning with it.
pub(super) fn round<N: Ord + Clone>(start: &N, ways: impl Fn(&N) -> Vec<N>) -> Option<Vec<N>> {
    let (mut came_from, mut queue) = (BTreeMap::new(), VecDeque::from([start.clone()]));
    while let Some(at) = queue.pop_front() {
        for to in ways(&at) {
            if to == *start {
                let mut path: Vec<N> =
                    std::iter::successors(Some(at), |at| came_from.get(at).cloned()).collect();
                path.reverse();
                return Some(path);
            }
            if !came_from.contains_key(&to) {
                came_from.insert(to.clone(), at.clone());
                queue.push_back(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_names_only_what_lies_on_it() {
        // 1 → 2 → 3 → 1, and 2 → 4 which leads nowhere; 5 → 1 is on no circle.
        let ways = |at: &i32| match at {
            1 => vec![2],
            2 => vec![4, 3],
            3 | 5 => vec![1],
            _ => Vec::new(),
        };
        assert_eq!(round(&1, ways), Some(vec![1, 2, 3]));
        assert_eq!(round(&5, ways), None);
        assert_eq!(round(&7, |_| vec![7]), Some(vec![7]), "a stage that leads to itself");
    }
}
