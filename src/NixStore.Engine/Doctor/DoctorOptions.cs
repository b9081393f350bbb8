using NixStore.Engine.Liveness;
using NixStore.Engine.Repair;

namespace NixStore.Engine.Doctor;

/// <summary>How a whole store is repaired.</summary>
public sealed record DoctorOptions
{
    /// <summary>Where contents may come from, and who is believed.</summary>
    public RepairOptions Repair { get; init; } = new();

    /// <summary>Which edges keep paths alive.</summary>
    public LivenessSettings Settings { get; init; } = new();

    /// <summary>How many paths are read at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>How long to wait for those who have the store open, or collect; infinite when negative.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Called when there is something to wait for.</summary>
    public Action? Waiting { get; init; }

    /// <summary>Gets each finding when it is made.</summary>
    public Action<StoreFinding>? Found { get; init; }

    /// <summary>Gets each step when it is done or has failed.</summary>
    public Action<StoreRepairStep>? Stepped { get; init; }

    /// <summary>Says how far it is.</summary>
    public DoctorProgress Progress { get; init; } = new();
}
