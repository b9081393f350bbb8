using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Threading;
using NixStore.PowerShell.Commands;

namespace NixStore.Tests
{
    /// <summary>When progress of an activity was shown: seconds since this was made.</summary>
    public sealed class RecordTimes
    {
        private readonly Stopwatch _running = Stopwatch.StartNew();

        public RecordTimes(PSDataCollection<ProgressRecord> records, string activity)
        {
            records.DataAdding += (_, added) =>
            {
                if (((ProgressRecord)added.ItemAdded).Activity == activity)
                {
                    Seconds.Add(_running.Elapsed.TotalSeconds);
                }
            };
        }

        public List<double> Seconds { get; } = new List<double>();
    }

    /// <summary>Counts on another thread, as StoreCommand.Tests.ps1 asks for.</summary>
    [Cmdlet(VerbsLifecycle.Invoke, "Probe")]
    public sealed class ProbeCommand : StoreCommand
    {
        public static int Produced;

        [Parameter(ValueFromPipeline = true)] public object InputObject { get; set; }
        [Parameter] public int Count { get; set; }
        [Parameter] public int Pause { get; set; }
        [Parameter] public StoreErrorKind? Fail { get; set; }
        [Parameter] public SwitchParameter FailInBegin { get; set; }
        [Parameter] public SwitchParameter Deaf { get; set; }

        protected override void Begin()
        {
            if (FailInBegin)
            {
                throw new NixStoreException("ProbeFailed", StoreErrorKind.Busy, "It failed.", "it", "Do something else.");
            }
        }

        protected override void Process()
        {
            Produced = 0;
            using (var progress = NewProgress("Probing"))
            {
                Pump<int>((emit, stop) =>
                {
                    for (var i = 0; i < Count; i++)
                    {
                        progress.Report("number " + i, i, Count);
                        emit(i);
                        Produced++;
                        if (Deaf)
                        {
                            Thread.Sleep(Pause);
                        }
                        else if (Pause > 0)
                        {
                            stop.WaitHandle.WaitOne(Pause);
                            stop.ThrowIfCancellationRequested();
                        }
                    }

                    if (Fail.HasValue)
                    {
                        throw new NixStoreException("ProbeFailed", Fail.Value, "It failed.", "it", "Do something else.");
                    }
                }, item => WriteObject(item), progress);
            }
        }
    }
}
