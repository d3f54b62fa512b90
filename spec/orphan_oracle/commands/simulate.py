"""`orphan-tracker simulate`: the two minutes before and after, in virtual time."""

from typing import Annotated, Final, Literal

from cyclopts import Parameter

from orphan_oracle.configuration import read_configuration
from orphan_oracle.errors import InputError
from orphan_oracle.terminal import emit

MINUTES_MAX: Final = 1_000_000


def simulate(
    *,
    policy: Literal["naive", "oid", "cloid", "all"] = "all",
    minutes: Annotated[float, Parameter(allow_leading_hyphen=True)] = 2,
    seed: Annotated[int, Parameter(allow_leading_hyphen=True)] = 0,
    seeds: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    jobs: int = 1,
    faults: Literal["none", "all"] = "none",
    sweep: bool = False,
    from_log: str | None = None,
    sync_every: str | None = None,
    soak: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    config: str | None = None,
    trace: str | None = None,
    format: Literal["text", "json", "markdown", "svg"] = "text",  # noqa: A002
    **inputs: str,
) -> int:
    """Simulate desks before and after the tracker, count what goes wrong, and judge their traces.

    Every input of the desk is an option too, such as --rate 4, --latency 785ms,1024ms,1213ms,1488ms,1847ms (shortest,
    median, 90th, 99th percentile, longest; two numbers: anything between; one: always that) or --lost-answers 2%; the
    report names all of them, with what they mean. Exit status: 0 no guarantee is violated (beside others, the naive policy
    only shows what was before), 1 one is, 2 bad input.

    Parameters
    ----------
    policy
        What the safety sync cancels: everything unclaimed (naive), what the tracker says by OIDs or with CLOIDs, or all three.
    minutes
        How long each desk runs, in virtual time.
    seed
        The seed of the first desk.
    seeds
        How many desks run, with consecutive seeds.
    jobs
        On how many cores.
    faults
        Switches every fault on; inputs that are given win.
    sweep
        Latency against grace as a heat map, with the proved threshold; the policy is oid unless one is given, and an order
        rests as soon as it is sent unless --rests-after says otherwise.
    from_log
        Takes the orders and syncs of a real desk's log (one JSON object a line, as hyper_make writes it; `.gz` works) in
        place of simulated ones; of the inputs, --rests-after and --staleness stand for what the log does not say.
    sync_every
        With --from-log: lets the policies decide so often, such as "1s", and not only at the logged syncs.
    soak
        One long desk instead, with about so many orders; shows what it holds and costs, tenth by tenth (policy cloid unless
        one is given).
    config
        The configuration (TOML) with the constants of the tracker; its environment is not read.
    trace
        Writes the trace of the first desk, which `check` reads, to this file; needs one policy.
    format
        How the report is written; `svg` draws the first seed, one policy beside the other.
    """
    if not 0 < minutes <= MINUTES_MAX or seeds < 1 or jobs < 1:
        raise InputError(f"--minutes, --seeds and --jobs have to be above 0, and --minutes at most {MINUTES_MAX:,}")
    if sync_every is not None and from_log is None:
        raise InputError("--sync-every goes with --from-log; a simulated desk takes --sync-period")
    if sweep + (from_log is not None) + (soak is not None) > 1:
        raise InputError("--sweep, --from-log and --soak: one at a time")
    if soak is not None and soak < 1:
        raise InputError("--soak: it has to be above 0 orders")
    constants = read_configuration(config).constants
    from orphan_oracle.desk_calls import Call, logged, side_by_side, soaked, swept

    seeds_asked = range(seed, seed + seeds)
    call = Call(policy, constants, inputs, faults == "all", minutes, seeds_asked, jobs, format)
    if from_log is not None:
        lines, status = logged(call, from_log, sync_every)
    elif soak is not None:
        lines, status = soaked(call, soak)
    elif sweep:
        lines, status = swept(call)
    else:
        lines, status = side_by_side(call, trace)
    emit(lines)
    return status
