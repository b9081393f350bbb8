using System.Management.Automation;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Errors;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// The base of every cmdlet that may take a while: cancellation, errors, progress and work on other threads.
/// Cmdlets override <see cref="Begin"/>, <see cref="Process"/> and <see cref="End"/> instead of PowerShell's own methods.
/// </summary>
public abstract class ModuleCommand : PSCmdlet, IDisposable
{
    // Never disposed: StopProcessing comes from another thread at any time, and there is nothing in it but memory.
    private readonly CancellationTokenSource _stopping = new();
    private readonly KeptOpen _kept = new();

    /// <summary>Cancelled by Ctrl+C and when a later command of the pipeline wants no more (named as in PowerShell 7.6's own Cmdlet).</summary>
    protected CancellationToken PipelineStopToken => _stopping.Token;

    /// <summary>True with -WhatIf, or where $WhatIfPreference says so: ShouldProcess then prints and answers no, without anybody having been asked.</summary>
    private protected bool IsWhatIf => LanguagePrimitives.IsTrue(
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given) ? given : GetVariableValue("WhatIfPreference"));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Once, before the first record. A <see cref="NixStoreException"/> from here ends the command.</summary>
    protected virtual void Begin()
    {
    }

    /// <summary>For each record. A <see cref="NixStoreException"/> from here is one error record, and the next record is processed.</summary>
    protected virtual void Process()
    {
    }

    /// <summary>Once, after the last record. A <see cref="NixStoreException"/> from here is an error record.</summary>
    protected virtual void End()
    {
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guard(Begin, ThrowTerminatingError);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(Process, WriteError);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(End, WriteError);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stopping.Cancel();

    /// <summary>Releases what the cmdlet holds; PowerShell calls it in any case, also when <see cref="End"/> was never reached.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Cancel();
            _kept.Dispose();
        }
    }

    /// <summary>Keeps something open until neither this command nor its work on another thread needs it any more.</summary>
    private protected T Keep<T>(T item)
        where T : IDisposable
        => _kept.Add(item);

    /// <summary>Writes an error about one thing; the command goes on, unless nothing that is asked of the store can be answered.</summary>
    /// <param name="error">What happened.</param>
    /// <param name="target">The object it is about, if there is more to it than <see cref="NixStoreException.Target"/>.</param>
    protected void WriteError(NixStoreException error, object? target = null)
    {
        if (error is StoreDirectoryEmptyException)
        {
            ThrowTerminatingError(error.ToErrorRecord(target));
        }

        WriteError(error.ToErrorRecord(target));
    }

    /// <summary>Does something with one thing of many: a <see cref="NixStoreException"/> is its error record, and the command goes on.</summary>
    protected void Try(Action work)
    {
        try
        {
            work();
        }
        catch (NixStoreException error)
        {
            WriteError(error);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> on another thread and hands each item it gives to <paramref name="consume"/> on the pipeline's thread,
    /// where Write methods are allowed. Returns when the work has ended; throws what it threw.
    /// </summary>
    /// <param name="work">Gets a function that takes an item (and waits while the pipeline is behind), and the token that ends the work.</param>
    /// <param name="consume">What to do with an item; normally <see cref="Cmdlet.WriteObject(object)"/>.</param>
    /// <param name="progress">Progress that the work updates; shown while waiting.</param>
    protected void Pump<T>(Action<Action<T>, CancellationToken> work, Action<T> consume, ProgressDisplay? progress = null)
        => PipelinePump.Run<T>(
            (emit, stop) =>
            {
                using (_kept.Use())
                {
                    work(emit, stop);
                }
            },
            consume, progress, PipelineStopToken);

    /// <summary>As the other overload, of work with several kinds of results, errors among them: it gives what is to be done on the pipeline's thread.</summary>
    protected void Pump(Action<Action<Action>, CancellationToken> work, ProgressDisplay progress) => Pump<Action>(work, write => write(), progress);

    /// <summary>Makes a progress display of this command.</summary>
    /// <param name="activity">What is being done, in a few words.</param>
    protected ProgressDisplay NewProgress(string activity) => new(this, activity);

    /// <summary>The address of a binary cache as it is; a directory made one, counted from PowerShell's location.</summary>
    private protected string ToCacheUrl(string text) => text.Contains("://", StringComparison.Ordinal) ? text
        : "file://" + Uri.EscapeDataString(GetUnresolvedProviderPathFromPSPath(text)).Replace("%2F", "/", StringComparison.Ordinal);

    private void Guard(Action body, Action<ErrorRecord> report)
    {
        try
        {
            body();
        }
        catch (StoreDirectoryEmptyException error)
        {
            // Whatever the other records are: nothing of this store is to be believed.
            ThrowTerminatingError(error.ToErrorRecord());
        }
        catch (NixStoreException error)
        {
            report(error.ToErrorRecord());
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
