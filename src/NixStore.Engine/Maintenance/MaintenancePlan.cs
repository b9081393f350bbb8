namespace NixStore.Engine.Maintenance;

/// <summary>What registering a task comes to.</summary>
/// <param name="Task">The task, with its command and its files.</param>
/// <param name="Files">All of its files.</param>
/// <param name="Changes">Those of them that are not there as they should be; empty when the task is registered just so already.</param>
public sealed record MaintenancePlan(StoreMaintenance Task, IReadOnlyList<MaintenanceFile> Files, IReadOnlyList<MaintenanceFile> Changes);
