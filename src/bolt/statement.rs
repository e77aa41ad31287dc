//! The statements of a push.
//!
//! In: the shape of a batch. Out: Cypher with parameters `$rows`, `$project`, `$push`, `$labels`.

use super::{LABELS, PROGRESS, PROJECT, PUSH};
use crate::property_graph::KEY;
use crate::property_graph::batches::{NodeBatch, RelationshipBatch};
use crate::push::Mode;
use std::fmt::Write as _;

/// Merges nodes. What the project made is made anew (replace) or added to (merge), what others made is
/// added to.
///
/// `old` are labels that nodes of the project may have from an earlier push.
pub(super) fn nodes(batch: &NodeBatch<'_>, mode: Mode, old: &[String]) -> String {
    let mut text = format!(
        "UNWIND $rows AS row MERGE (n:`{}` {{{KEY}: row.{KEY}}}) ON CREATE SET n.{PROJECT} = $project",
        batch.table
    );
    match mode {
        Mode::Merge => {
            text.push_str(&format!(
                ", n.{PUSH} = $push, n.{LABELS} = $labels SET n += row.p"
            ));
            let more = format!(
                "SET n.{LABELS} = n.{LABELS} + [label IN $labels WHERE NOT label IN n.{LABELS}]"
            );
            let condition = format!("n.{PROJECT} = $project");
            text.push_str(&only(&condition, &more));
        }
        Mode::Replace => {
            let is_ours = format!("n.{PROJECT} = $project");
            let has = |label: &str| batch.table == label || batch.others.contains(&label);
            for label in old.iter().filter(|label| !has(label)) {
                let condition = format!("{is_ours} AND {} IN n.{LABELS}", quoted(label));
                text.push_str(&only(&condition, &format!("REMOVE n:`{}`", named(label))));
            }
            let anew = format!(
                "SET n = row.p, n.{KEY} = row.{KEY}, n.{PROJECT} = $project, n.{PUSH} = $push, \
                 n.{LABELS} = $labels"
            );
            text.push_str(&only(&is_ours, &anew));
            text.push_str(&except(&is_ours, "SET n += row.p"));
        }
    }
    for (at, label) in batch.others.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(text, "{}:`{label}`", if at == 0 { " SET n" } else { "" });
    }
    text
}

/// Merges relationships and counts them.
pub(super) fn relationships(batch: &RelationshipBatch<'_>, mode: Mode) -> String {
    let mut text = format!(
        "UNWIND $rows AS row MATCH (s:`{}` {{{KEY}: row.s}}) MATCH (e:`{}` {{{KEY}: row.e}}) \
         MERGE (s)-[r:`{}` {{id: row.id}}]->(e) ON CREATE SET r.{PROJECT} = $project",
        batch.start, batch.end, batch.kind
    );
    match mode {
        Mode::Merge => text.push_str(&format!(", r.{PUSH} = $push SET r += row.p")),
        Mode::Replace => {
            let is_ours = format!("r.{PROJECT} = $project");
            let anew =
                format!("SET r = row.p, r.id = row.id, r.{PROJECT} = $project, r.{PUSH} = $push");
            text.push_str(&only(&is_ours, &anew));
            text.push_str(&except(&is_ours, "SET r += row.p"));
        }
    }
    text.push_str(" RETURN count(r) AS found");
    text
}

fn only(condition: &str, what: &str) -> String {
    format!(" FOREACH (x IN CASE WHEN {condition} THEN [1] ELSE [] END | {what})")
}

// A condition may be neither true nor false.
fn except(condition: &str, what: &str) -> String {
    format!(" FOREACH (x IN CASE WHEN {condition} THEN [] ELSE [1] END | {what})")
}

// Labels of the database may hold anything.
fn quoted(label: &str) -> String {
    format!("'{}'", label.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn named(label: &str) -> String {
    label.replace('`', "``")
}

/// The labels that nodes of the project have, as `label`: a node keeps the mark of the push that made it when
/// another adds labels.
pub(super) fn old_labels() -> String {
    format!(
        "MATCH (n) WHERE n.{PROJECT} = $project UNWIND n.{LABELS} AS label \
         RETURN DISTINCT label ORDER BY label"
    )
}

/// The tables that they were in, as `label`.
pub(super) fn old_tables() -> String {
    format!(
        "MATCH (n) WHERE n.{PROJECT} = $project AND n.{PUSH} <> $push \
         RETURN DISTINCT n.{LABELS}[0] AS label ORDER BY label"
    )
}

/// How many of the nodes `$keys` are in a table as this push has left them, as `there`.
pub(super) fn nodes_there(table: &str, mode: Mode) -> String {
    let ours = ours("n", mode);
    format!("UNWIND $keys AS key MATCH (n:`{table}` {{{KEY}: key}}){ours} RETURN count(n) AS there")
}

// What another push has taken over has other marks. Who only adds does not mark what was there before.
fn ours(name: &str, mode: Mode) -> String {
    match mode {
        Mode::Merge => String::new(),
        Mode::Replace => {
            format!(" WHERE {name}.{PROJECT} = $project AND {name}.{PUSH} = $push")
        }
    }
}

/// The same of the relationships `$keys`, by start and `id`.
pub(super) fn relationships_there(batch: &RelationshipBatch<'_>, mode: Mode) -> String {
    format!(
        "UNWIND $keys AS key MATCH (:`{}` {{{KEY}: key[0]}})-[r:`{}` {{id: key[1]}}]->(){} \
         RETURN count(r) AS there",
        batch.start,
        batch.kind,
        ours("r", mode)
    )
}

/// Which of the nodes `$keys` are not in a table, as `key`.
pub(super) fn missing(table: &str) -> String {
    format!(
        "UNWIND $keys AS key OPTIONAL MATCH (n:`{table}` {{{KEY}: key}}) WITH key, n WHERE n IS NULL \
         RETURN key"
    )
}

/// Puts those of the nodes `$keys` into a table that are in another, as a node is when its types have
/// changed. It would be made a second time else.
pub(super) fn adopt(table: &str, other: &str) -> String {
    format!(
        "UNWIND $keys AS key MATCH (n:`{}` {{{KEY}: key}}) WHERE n.{PROJECT} = $project SET n:`{table}`",
        named(other)
    )
}

// A node of the same label and key that others have made does not have this.
fn progress_node() -> String {
    format!("(p:`{PROGRESS}` {{{KEY}: $project, _counts: 'batches'}})")
}

/// How many batches of a push are there already, as `done`.
pub(super) fn progress() -> String {
    let node = progress_node();
    format!("MATCH {node} WHERE p.digest = $push RETURN p.done AS done")
}

/// Says how many batches are there: `$done`.
pub(super) fn count_batch() -> String {
    let node = progress_node();
    format!("MERGE {node} SET p.digest = $push, p.done = $done")
}

/// Forgets how many batches are there.
pub(super) fn forget_progress() -> String {
    format!("MATCH {} DELETE p", progress_node())
}

/// Takes at most `$most` relationships away that another push of the project made; how many as `gone`.
pub(super) fn delete_relationships() -> String {
    format!(
        "MATCH ()-[r]->() WHERE r.{PROJECT} = $project AND r.{PUSH} <> $push WITH r LIMIT $most \
         DELETE r RETURN count(*) AS gone"
    )
}

/// The same for nodes to and from which no relationship leads.
pub(super) fn delete_nodes() -> String {
    format!(
        "MATCH (n) WHERE n.{PROJECT} = $project AND n.{PUSH} <> $push OPTIONAL MATCH (n)--(m) \
         WITH n, count(m) AS others WHERE others = 0 WITH n LIMIT $most DELETE n RETURN count(*) AS gone"
    )
}

/// How many nodes of another push are still there, as `kept`.
pub(super) fn count_kept() -> String {
    format!("MATCH (n) WHERE n.{PROJECT} = $project AND n.{PUSH} <> $push RETURN count(n) AS kept")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_no_longer_hold_are_taken_from_what_the_project_made() {
        let batch = NodeBatch {
            table: "Person",
            others: vec!["Agent"],
            rows: Vec::new(),
        };
        let old = ["Agent", "Person", "O`dd'"].map(str::to_owned);
        let text = nodes(&batch, Mode::Replace, &old);
        let removed = "n._project = $project AND 'O`dd\\'' IN n._labels THEN [1] ELSE [] END | REMOVE n:`O``dd'`)";
        assert!(text.contains(removed), "{text}");
        assert_eq!(text.matches("REMOVE").count(), 1, "{text}");
        assert!(!nodes(&batch, Mode::Merge, &old).contains("REMOVE"));
    }
}
