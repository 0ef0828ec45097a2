//! Networks run by ONNX Runtime: the only file that names `ort`.
//!
//! The library is loaded once a process, and each network from bytes: what is hashed for the fingerprint is what runs, and
//! nothing is opened by path afterwards. One thread a network, and no logs: they could quote what is read.

use std::path::Path;
use std::sync::OnceLock;

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{RunOptions, Session};
use ort::value::TensorRef;

use super::super::OcrError;

/// The runtime lives as long as the process.
static RUNTIME: OnceLock<Environment> = OnceLock::new();

/// After a run on more values than this the runtime gives back the memory that it keeps for the next: twice what an ordinary
/// page needs. Each time would cost a fifth of the run, as it would ask for it again.
const KEPT_VALUES: usize = 3 << 20;

/// A network that takes one picture of three channels.
pub(super) struct Network {
    session: Session,
    /// Of runs after which memory is given back.
    shrinking: RunOptions,
}

impl Network {
    /// Loads the network `name` from its bytes, to be run by the runtime `library`.
    pub(super) fn load(library: &Path, name: &str, bytes: &[u8]) -> Result<Self, OcrError> {
        let failed = |error: &dyn std::fmt::Display| OcrError::Failed(format!("the model {name}: {error}"));
        let environment = runtime(library)?;
        let session = Session::builder(environment)
            .and_then(|builder| Ok(builder.with_intra_threads(1)?))
            .and_then(|builder| Ok(builder.with_inter_threads(1)?))
            .and_then(|builder| Ok(builder.with_intra_op_spinning(false)?))
            // Sizes change with every line: a plan for one size only takes memory.
            .and_then(|builder| Ok(builder.with_memory_pattern(false)?))
            .and_then(|builder| Ok(builder.with_optimization_level(GraphOptimizationLevel::All)?))
            // Without VNNI products of integers with a sign overflow: they are taken without one, which costs a fifth. No other
            // processor is touched by it.
            .and_then(|builder| Ok(builder.with_config_entry("session.x64quantprecision", "1")?))
            .and_then(|mut builder| builder.commit_from_memory(bytes))
            .map_err(|error| failed(&error))?;
        let mut shrinking = RunOptions::new().map_err(|error| failed(&error))?;
        shrinking.set("memory.enable_memory_arena_shrinkage", "cpu:0").map_err(|error| failed(&error))?;
        Ok(Self { session, shrinking })
    }

    /// A value of the model's metadata.
    pub(super) fn metadata(&self, key: &str) -> Option<String> {
        self.session.metadata().ok()?.custom(key)
    }

    /// Runs a picture of `height` × `width` values in three planes, and hands the first output's shape and values to `with`.
    pub(super) fn run<T>(
        &mut self,
        planes: &[f32],
        height: usize,
        width: usize,
        with: impl FnOnce(&[i64], &[f32]) -> T,
    ) -> Result<T, OcrError> {
        let failed = |error: ort::Error| OcrError::Failed(error.to_string());
        let input = TensorRef::from_array_view(([1, 3, height, width], planes)).map_err(failed)?;
        let inputs = ort::inputs![input];
        let outputs = match planes.len() > KEPT_VALUES {
            true => self.session.run_with_options(inputs, &self.shrinking),
            false => self.session.run(inputs),
        };
        let outputs = outputs.map_err(failed)?;
        let (shape, values) = outputs[0].try_extract_tensor::<f32>().map_err(failed)?;
        Ok(with(shape, values))
    }
}

fn runtime(library: &Path) -> Result<&'static Environment, OcrError> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let failed = |error: &dyn std::fmt::Display| {
        OcrError::Failed(format!(
            "ONNX Runtime cannot be loaded from {}: {error}; run `make models`",
            library.display()
        ))
    };
    let builder = ort::init_from(library).map_err(|error| failed(&error))?;
    let built = builder.with_name("misfile").with_telemetry(false).build();
    match (built, RUNTIME.get()) {
        (Ok(environment), _) => {
            environment.set_log_level(LogLevel::Fatal);
            Ok(RUNTIME.get_or_init(|| environment))
        }
        // Another thread was faster; only tests have more than one.
        (Err(_), Some(runtime)) => Ok(runtime),
        (Err(error), None) => Err(failed(&error)),
    }
}
