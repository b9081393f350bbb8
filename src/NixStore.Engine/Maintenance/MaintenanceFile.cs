namespace NixStore.Engine.Maintenance;

/// <summary>A file of a task.</summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="Text">What is in it.</param>
public sealed record MaintenanceFile(string Name, string Text);
