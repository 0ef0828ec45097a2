//! Tests of Office Open XML.
