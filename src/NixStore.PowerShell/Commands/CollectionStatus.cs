using System.Globalization;
using NixStore.Engine.Collection;

namespace NixStore.PowerShell.Commands;

/// <summary>Says in one line how far a collection is, and what it waits for.</summary>
internal sealed class CollectionStatus
{
    private volatile bool _isWaiting;

    /// <summary>Counts.</summary>
    public CollectionProgress Counts { get; } = new();

    /// <summary>For <see cref="CollectionRequest.Waiting"/>.</summary>
    public void Wait() => _isWaiting = true;

    /// <summary>For <see cref="ProgressDisplay.Follow"/>.</summary>
    public (string Status, long Done, long? Total) Ask()
    {
        if (Counts.Total > 0)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Counts.Done} of {Counts.Total}, {ByteSize.Format(Counts.FreedBytes)} freed");
            return (text, Counts.Done, Counts.Total);
        }

        return (_isWaiting ? "waiting until another collection or verification ends" : "looking at the store", 0, null);
    }

    /// <summary>
    /// As <paramref name="emit"/>, but a pipeline that was stopped takes things in silence: the collection ends at its next look at the
    /// token, between two batches, and not in the middle of one.
    /// </summary>
    public static Action<Action> Patiently(Action<Action> emit) => write =>
    {
        try
        {
            emit(write);
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
    };
}
