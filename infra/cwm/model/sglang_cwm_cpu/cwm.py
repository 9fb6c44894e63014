"""The model of sglang_cwm, with the stand-ins for a CPU put in before it is built."""

from sglang_cwm import cwm

from sglang_cwm_cpu import stand_ins

stand_ins.put_in()

EntryClass = cwm.CwmForCausalLM
