//! A scan whose rows are those of a view.
//!
//! In: a scan with a relation. Out: the same calls of a consumer as for the rows of a table. A view cannot
//! be cut: all of its rows are in the first shard.

use super::super::cell::CellValue;
use super::super::keys::{Keys, Place};
use super::super::reject::{Failing, REJECTED_BYTES};
use super::super::row::RowConsumer;
use super::super::run::{
    Aside, Computed, Progress, RunError, ScanError, ScanRun, TableReport, recycle,
};
use super::{Reports, View};
use crate::table::Sources;

/// What joins may take in any case: with less they would read what is on disk again and again.
const LEAST_MEMORY: usize = 1 << 16;

impl ScanRun<'_> {
    /// Whether its sources can be read again.
    pub(in crate::engine) fn can_read_again(&self, sources: &Sources) -> bool {
        match &self.scan.view {
            None => !sources.is_read_once(&self.scan.source),
            Some(relation) => {
                let mut can = true;
                relation.each_source(&mut |source| can &= !sources.is_read_once(source));
                can
            }
        }
    }

    /// Hands the rows of a view on, if the scan has one.
    pub(in crate::engine) fn view_rows(
        &mut self,
        sources: &Sources,
        consumer: &mut impl RowConsumer,
        mut checks: Option<&mut Keys>,
        table: &mut TableReport,
        aside: &mut Aside<'_>,
    ) -> Result<(), ScanError> {
        let Some(relation) = &self.scan.view else {
            return Ok(());
        };
        if let Some(shard) = self.shard {
            if !shard.is_first() {
                return Ok(());
            }
            self.note_whole();
        }
        let scan = self.scan;
        let computed = Computed::new(scan);
        let needed = match checks {
            Some(_) => vec![true; scan.columns.len()],
            None => scan.columns_in_use(),
        };
        let width = relation.width();
        let mut view = View::open(
            relation,
            &needed[..width],
            self.memory.max(LEAST_MEMORY),
            sources,
            self.known_sources(),
        )?;
        if let Some(rejecting) = &mut self.rejecting {
            let names = scan.columns.iter().map(|column| column.name.as_str());
            rejecting.header(names, true);
        }
        let mut spare: Vec<CellValue<'static>> = Vec::new();
        while consumer.wants_more() {
            let (rows, quads) = (table.rows, self.quads_before + table.quads);
            let (name, size) = (&self.name, self.size);
            let observer = &mut *aside.observer;
            let mut go_on = |bytes: u64| {
                observer(&Progress {
                    table: name,
                    size,
                    bytes,
                    rows,
                    quads,
                })
            };
            let failing = self.rejecting.as_ref();
            let failing = failing.map_or(Failing::GoesOn, |rejecting| rejecting.failing());
            let mut reports = Reports::new(self.diagnostics, failing, &mut go_on);
            let next = view.next(&mut reports);
            table.rejected += reports.left_out;
            table.rejected_errors += reports.errors;
            let Some(row) = next? else {
                break;
            };
            table.rows += 1;
            let place = Place {
                source_row: row.source_row,
                line: row.line,
            };
            let mut cells = recycle(spare);
            row.cells(&mut cells);
            cells.extend(computed.values.iter().cloned());
            for (number, fault) in &computed.faults {
                let column = &scan.computed[*number];
                self.report_cell(column, scan.columns.len() + number, place, fault);
            }
            if self.is_rejected_of_view(&cells, table.rows, place, sources) {
                if let Some(rejecting) = &mut self.rejecting {
                    table.rejected += 1;
                    table.rejected_errors += rejecting.errors;
                    if rejecting.stops() {
                        return Err(RunError::Stopped.into());
                    }
                    if rejecting.rows.len() >= REJECTED_BYTES {
                        (aside.rejected)(&mut rejecting.rows)?;
                    }
                }
            } else {
                if let Some(keys) = &mut checks {
                    self.check_keys(keys, sources, None, &cells, place)?;
                }
                table.quads += self.hand_on(&cells, table.rows, place, consumer)?;
            }
            spare = recycle(cells);
        }
        Ok(())
    }

    // The sources of which it is told elsewhere what is wrong with them: those that are run for themselves,
    // and those of views before this one.
    fn known_sources<'p>(&self) -> Vec<&'p str>
    where
        Self: 'p,
    {
        let mut known = Vec::new();
        for (number, scan) in self.plan.scans.iter().enumerate() {
            match &scan.view {
                None => known.push(scan.source.as_str()),
                Some(relation) if number < self.index => {
                    relation.each_source(&mut |source| known.push(source));
                }
                Some(_) => {}
            }
        }
        known
    }

    fn is_rejected_of_view(
        &mut self,
        cells: &[CellValue<'_>],
        row_number: u64,
        place: Place,
        sources: &Sources,
    ) -> bool {
        let Some(mut rejecting) = self.rejecting.take() else {
            return false;
        };
        rejecting.begin_row();
        let context = self.context(cells, row_number, place);
        let invalid = rejecting.invalid_iris(&context);
        self.rejecting = Some(rejecting);
        let texts: Vec<String> = cells
            .iter()
            .take(self.scan.columns.len())
            .map(|cell| {
                let texts: Vec<&str> = cell.items().iter().map(|item| &*item.text).collect();
                texts.join(" ")
            })
            .collect();
        let texts = texts.iter().map(String::as_str);
        self.rejects(texts, &[], place, invalid, sources)
    }
}
