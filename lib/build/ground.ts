/**
 * What nearly every part of the program needs, and what needs nothing heavy itself. The build puts this into each part
 * (`--inject`), so that all of it is one file: on its own each would be a small file shared by some parts, forty of them
 * in every run, and a file costs a third of a millisecond of the start.
 */
import '../cli/exit-codes.js';
import '../cli/output.js';
import '../cli/print-error.js';
import '../cli/run/printed.js';
import '../cli/run/request.js';
import '../cli/table.js';
import '../cli/writer.js';
import '../config/zod-messages.js';
import '../cost/budget.js';
import '../errors.js';
import '../flow/branches.js';
import '../flow/record.js';
import '../lanes/settings.js';
import '../processes/identity.js';
import '../processes/in-flight.js';
import '../progress/durations.js';
import '../step/fingerprint.js';
import '../store/errors.js';
import '../store/lock.js';
import '../store/marks.js';
import '../store/run-file.js';
import '../store/run-folder.js';
import '../store/runs.js';
import '../store/spent.js';
import '../util/dollars.js';
import '../util/once.js';
import '../util/suggest.js';
import '../util/template.js';
import '../util/text.js';
import '../util/utf8.js';
import '../util/values.js';
