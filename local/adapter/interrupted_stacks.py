"""A stack operation that the end of the cloud cut short is rolled back at the next start.

Stock: what a rollback needs lives in the running operation only; after a restart the stack stays
*_IN_PROGRESS for ever, and the resource that was under way belongs to nobody.
Needed: the rollback that a failure would have led to, so that the CDK can go on: a creation ends
ROLLBACK_COMPLETE, an update UPDATE_ROLLBACK_COMPLETE; a deletion ends DELETE_FAILED and is
repeated by the user. What follows the last save of an orderly stop is not saved: the instances go
down then, and the operations that wait for them fail.
Touches: `handlers._deploy_stack_async`, `changesets._deploy_stack_async`,
`stacks._roll_back_operation`, `._failed_operation`, `._add_event`, `._create_stack_task_in_region`,
`cloudformation._stacks`, `._stack_events`, `._change_sets`, `.get_state`,
`responses.set_request_account_id`.
"""

import contextvars
from collections.abc import Awaitable, Callable
from typing import Any

from local.adapter.cloudformation_types import ENDPOINT, Control, handler_of

REASON = "The local cloud stopped while this was in progress"
_STACK = "AWS::CloudFormation::Stack"
_UNDER_WAY = "_operation_under_way"
Record = dict[str, Any]


def install() -> None:
    """Have every create and update write down what its rollback would need."""
    from ministack.services.cloudformation import changesets, handlers

    recorded = _recorded(handlers._deploy_stack_async)
    handlers._deploy_stack_async = recorded
    changesets._deploy_stack_async = recorded


def freeze() -> None:
    """Keep what is saved of the stacks as it is now."""
    from ministack.services import cloudformation

    state = cloudformation.get_state()
    cloudformation.get_state = lambda: state


def resume(sagemaker: Control) -> None:
    """Roll back what was under way when the cloud ended. Call on the event loop, once the front
    answers."""
    from ministack.services.cloudformation import _change_sets, _stacks

    for change_set in _change_sets._data.values():
        if change_set.get("ExecutionStatus") == "EXECUTE_IN_PROGRESS":
            change_set["ExecutionStatus"] = "EXECUTE_FAILED"
    for (account, _region, _name), stack in list(_stacks._data.items()):
        status = stack["StackStatus"]
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            # The tasks of a stack take over the account that their context names.
            contextvars.copy_context().run(_resume, stack, account, sagemaker)


def _recorded(stock: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def deploy(
        name: str,
        stack_id: str,
        template: Record,
        parameters: Record,
        disable_rollback: bool,
        tags: list[Any],
        **options: Any,
    ) -> None:
        from ministack.services.cloudformation import _stack_events, _stacks

        stack = _stacks[name]
        stack[_UNDER_WAY] = {
            "is_update": options.get("is_update", False),
            "previous_stack": options.get("previous_stack"),
            "template": template,
            "param_values": parameters,
            "retain_except_on_create": options.get("retain_except_on_create", False),
            "imports": options.get("imports"),
            "disable_rollback": disable_rollback,
            "first_event": len(_stack_events[stack_id]),
        }
        try:
            await stock(name, stack_id, template, parameters, disable_rollback, tags, **options)
        finally:
            stack.pop(_UNDER_WAY, None)

    return deploy


def _resume(stack: Record, account: str, sagemaker: Control) -> None:
    from ministack.core.responses import set_request_account_id
    from ministack.services.cloudformation import stacks

    set_request_account_id(account)
    doing = stack["StackStatus"].removesuffix("_IN_PROGRESS").removesuffix("_COMPLETE_CLEANUP")
    if doing == "DELETE" or _UNDER_WAY not in stack:  # as of a nested stack, or a deletion
        stack.pop(_UNDER_WAY, None)
        # The CDK deletes a stack whose creation was not rolled back, and creates it anew.
        _end(stack, "ROLLBACK_FAILED" if doing == "CREATE" else f"{doing}_FAILED")
        return
    under_way = stack[_UNDER_WAY]
    with stacks._stack_region_context(stack, stack["StackId"]):
        if "operation" not in under_way:
            under_way["operation"] = _cut_short(stack, under_way, sagemaker)
    if under_way["disable_rollback"]:
        stack["_failed_operation"] = stack.pop(_UNDER_WAY)["operation"]
        _end(stack, f"{doing}_FAILED")
        return
    rollback = "UPDATE_ROLLBACK" if under_way["is_update"] else "ROLLBACK"
    stack["StackStatus"] = f"{rollback}_IN_PROGRESS"
    stack["StackStatusReason"] = REASON
    stacks._create_stack_task_in_region(_roll_back(stack, under_way["operation"]), stack)


async def _roll_back(stack: Record, operation: Record) -> None:
    from ministack.services.cloudformation import stacks

    name, stack_id = stack["StackName"], stack["StackId"]
    try:
        await stacks._roll_back_operation(name, stack_id, stack, operation, reason_override=REASON)
    finally:
        stack.pop(_UNDER_WAY, None)


def _end(stack: Record, status: str) -> None:
    from ministack.services.cloudformation import stacks

    stack["StackStatus"], stack["StackStatusReason"] = status, REASON
    stack_id = stack["StackId"]
    name = stack["StackName"]
    stacks._add_event(stack_id, name, name, _STACK, status, REASON, stack_id)


def _cut_short(stack: Record, under_way: Record, sagemaker: Control) -> Record:
    """What ministack's rollback is given for an operation that ended where its events end."""
    from ministack.services.cloudformation import _stack_events, stacks

    prefix = "UPDATE" if under_way["is_update"] else "CREATE"
    events = _stack_events[stack["StackId"]][under_way["first_event"] :]
    created, started = _steps([each for each in events if not _is_about(each, stack)], prefix)
    failed_update = None
    for logical_id, type_name in started.items():
        stacks._add_event(
            stack["StackId"], stack["StackName"], logical_id, type_name, f"{prefix}_FAILED", REASON
        )
        if _claim(stack, logical_id, type_name, sagemaker):
            created.append(logical_id)
        elif known := stack["_resources"].get(logical_id):
            failed_update = (logical_id, type_name, known["PhysicalResourceId"], None, None, None)
    previous = under_way["previous_stack"]
    operation: Record = stacks._failed_operation(
        is_update=under_way["is_update"],
        previous_stack=previous,
        created=[each for each in created if each in stack["_resources"]],
        failed_update=failed_update,
        failed_logical_id=next(iter(started), None),
        replaced_ids=[],
        cancelled=False,
        template=under_way["template"],
        param_values=under_way["param_values"],
        retain_except_on_create=under_way["retain_except_on_create"],
        stack_tags=stack.get("Tags"),
        previous_tags=(previous or {}).get("Tags"),
        imports=under_way["imports"],
    )
    return operation


def _is_about(event: Record, stack: Record) -> bool:
    return bool(event["ResourceType"] == _STACK and event["PhysicalResourceId"] == stack["StackId"])


def _steps(events: list[Record], prefix: str) -> tuple[list[str], dict[str, str]]:
    """The resources whose step was done, in order, and type by id of those whose step was not."""
    done: dict[str, None] = {}
    started: dict[str, str] = {}
    for event in events:
        logical_id, status = event["LogicalResourceId"], event["ResourceStatus"]
        if status == f"{prefix}_IN_PROGRESS":
            started[logical_id] = event["ResourceType"]
        elif status in (f"{prefix}_COMPLETE", f"{prefix}_FAILED"):
            started.pop(logical_id, None)
            if status == f"{prefix}_COMPLETE":
                done[logical_id] = None
    return list(done), started


def _claim(stack: Record, logical_id: str, type_name: str, sagemaker: Control) -> bool:
    """Put into the stack's record what the interrupted step may have made or changed, for the
    rollback to undo; whether there is any."""
    handler = handler_of(type_name, sagemaker)
    if handler is None:
        return False
    resources = stack["_resources"]
    known = resources.get(logical_id)
    before = known["PhysicalResourceId"] if known else ""
    made = handler.made_by(stack["StackId"], logical_id, before)
    if made is not None:
        arn, name = made
        resources[logical_id] = {
            "PhysicalResourceId": arn,
            "ResourceType": type_name,
            "ResourceStatus": "CREATE_FAILED",
            "LogicalResourceId": logical_id,
            "Properties": {f"{handler.type.kind}Name": name},
            "Attributes": {},
            "Timestamp": stack["LastUpdatedTime"],
        }
        return True
    if known is None or handler.type is not ENDPOINT:
        return False
    # It may have moved or may yet move: nobody knows what it was told, so it is told again.
    known["Properties"] = {**known["Properties"], "EndpointConfigName": ""}
    return True
