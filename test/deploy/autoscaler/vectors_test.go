// Asks the autoscaler of Kubernetes itself, for test/vectors/autoscaler.json: what one metric proposes, and what
// windows and policies leave of it, in cases drawn from a fixed seed. It has to lie in pkg/controller/podautoscaler of
// Kubernetes' source to reach what it asks; test/deploy/README.md says how.
package podautoscaler

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	metricsclient "k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

const namespace, requestMilli = "ns", 2000

type proposalCase struct {
	Kind       string            `json:"kind"`
	Replicas   int32             `json:"replicas"`
	Target     int64             `json:"target"`
	Tolerances [2]float64        `json:"tolerances"`
	Conditions map[string]string `json:"conditions"`
	Values     map[string]int64  `json:"values"`
	Total      int64             `json:"total"`
	Proposed   *int32            `json:"proposed"`
}

type timed struct {
	AgeSeconds int64 `json:"ageSeconds"`
	Replicas   int32 `json:"replicas"`
}

type rules struct {
	Window   int32    `json:"window"`
	Select   string   `json:"select"`
	Policies []policy `json:"policies"`
}

type policy struct {
	Type   string `json:"type"`
	Value  int32  `json:"value"`
	Period int32  `json:"period"`
}

type behaviourCase struct {
	Min       int32   `json:"min"`
	Max       int32   `json:"max"`
	Current   int32   `json:"current"`
	Proposed  int32   `json:"proposed"`
	Up        rules   `json:"up"`
	Down      rules   `json:"down"`
	Proposals []timed `json:"proposals"`
	Added     []timed `json:"added"`
	Removed   []timed `json:"removed"`
	Replicas  int32   `json:"replicas"`
}

// The metrics server that says what a case has drawn.
type said struct {
	pods     metricsclient.PodMetricsInfo
	external int64
}

func (s said) GetResourceMetric(context.Context, v1.ResourceName, string, labels.Selector, string) (metricsclient.PodMetricsInfo, time.Time, error) {
	return s.pods, time.Now(), nil
}

func (s said) GetRawMetric(string, string, labels.Selector, labels.Selector) (metricsclient.PodMetricsInfo, time.Time, error) {
	return s.pods, time.Now(), nil
}

func (s said) GetObjectMetric(string, string, *autoscalingv2.CrossVersionObjectReference, labels.Selector) (int64, time.Time, error) {
	return 0, time.Now(), fmt.Errorf("not asked for")
}

func (s said) GetExternalMetric(string, string, labels.Selector) ([]int64, time.Time, error) {
	return []int64{s.external}, time.Now(), nil
}

// A pod as the autoscaler sees one that is ready, has not started, or is on its way out.
func podOf(name, condition string) *v1.Pod {
	long := metav1.NewTime(time.Now().Add(-time.Hour))
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec: v1.PodSpec{Containers: []v1.Container{{Name: "c", Resources: v1.ResourceRequirements{
			Requests: v1.ResourceList{v1.ResourceCPU: *resource.NewMilliQuantity(requestMilli, resource.DecimalSI)},
		}}}},
		Status: v1.PodStatus{Phase: v1.PodRunning, StartTime: &long, Conditions: []v1.PodCondition{
			{Type: v1.PodReady, Status: v1.ConditionTrue, LastTransitionTime: long},
		}},
	}
	switch condition {
	case "unready":
		pod.Status.Phase = v1.PodPending
	case "gone":
		pod.DeletionTimestamp = &long
	}
	return pod
}

func ask(c *proposalCase) {
	index := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for name, condition := range c.Conditions {
		_ = index.Add(podOf(name, condition))
	}
	metrics := metricsclient.PodMetricsInfo{}
	for name, value := range c.Values {
		metrics[name] = metricsclient.PodMetric{Value: value, Timestamp: time.Now(), Window: time.Minute}
	}
	calculator := NewReplicaCalculator(said{metrics, c.Total}, corelisters.NewPodLister(index), 2*time.Minute, 10*time.Second)
	tolerances := Tolerances{scaleDown: c.Tolerances[0], scaleUp: c.Tolerances[1]}
	var proposed int32
	var err error
	switch c.Kind {
	case "pods":
		proposed, _, _, err = calculator.GetMetricReplicas(c.Replicas, c.Target, "m", tolerances, namespace, labels.Everything(), labels.Everything())
	case "resource":
		proposed, _, _, _, err = calculator.GetResourceReplicas(context.Background(), c.Replicas, int32(c.Target), v1.ResourceCPU, tolerances, namespace, labels.Everything(), "")
	case "external":
		proposed, _, _, err = calculator.GetExternalPerPodMetricReplicas(c.Replicas, c.Target, "m", tolerances, namespace, &metav1.LabelSelector{})
	}
	if err == nil {
		c.Proposed = &proposed
	}
}

func drawProposal(r *rand.Rand) proposalCase {
	c := proposalCase{
		Kind:       []string{"pods", "resource", "external"}[r.Intn(3)],
		Replicas:   1 + int32(r.Intn(12)),
		Tolerances: [2]float64{[]float64{0, 0.05, 0.1}[r.Intn(3)], []float64{0, 0.05, 0.1}[r.Intn(3)]},
		Conditions: map[string]string{},
		Values:     map[string]int64{},
	}
	// About as much as the target: the tolerance, and a turn by what is missing, are near.
	about := 0.3 + 1.7*r.Float64()
	c.Target = map[string]int64{"pods": 4_000_000, "resource": 60, "external": 20_000}[c.Kind]
	c.Total = int64(about * float64(c.Target) * float64(c.Replicas))
	each := about * float64(c.Target)
	if c.Kind == "resource" {
		each = about * 60 / 100 * requestMilli
	}
	for i := int32(0); i < c.Replicas; i++ {
		name := fmt.Sprintf("pod-%d", i)
		c.Conditions[name] = []string{"ready", "ready", "ready", "ready", "unready", "gone"}[r.Intn(6)]
		if r.Intn(5) > 0 {
			c.Values[name] = int64(each * (0.8 + 0.4*r.Float64()))
		}
	}
	ask(&c)
	return c
}

func drawRules(r *rand.Rand) rules {
	drawn := rules{Window: int32([]int{0, 30, 120, 300}[r.Intn(4)]), Select: []string{"Max", "Max", "Min", "Disabled"}[r.Intn(4)]}
	for i := 0; i < 1+r.Intn(2); i++ {
		if r.Intn(2) == 0 {
			drawn.Policies = append(drawn.Policies, policy{"Pods", 1 + int32(r.Intn(4)), int32([]int{15, 60, 300}[r.Intn(3)])})
		} else {
			drawn.Policies = append(drawn.Policies, policy{"Percent", int32([]int{10, 25, 50, 100}[r.Intn(4)]), int32([]int{15, 60, 300}[r.Intn(3)])})
		}
	}
	return drawn
}

func drawTimed(r *rand.Rand, most int, replicas func() int32) []timed {
	events := []timed{}
	for i := 0; i < r.Intn(most); i++ {
		// Never at the edge of a window or period: the answer would depend on how fast this program runs.
		events = append(events, timed{AgeSeconds: 7 + 15*int64(r.Intn(24)), Replicas: replicas()})
	}
	return events
}

func (drawn rules) behaviour() *autoscalingv2.HPAScalingRules {
	choice := autoscalingv2.ScalingPolicySelect(drawn.Select)
	result := &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &drawn.Window, SelectPolicy: &choice}
	for _, p := range drawn.Policies {
		result.Policies = append(result.Policies, autoscalingv2.HPAScalingPolicy{
			Type: autoscalingv2.HPAScalingPolicyType(p.Type), Value: p.Value, PeriodSeconds: p.Period,
		})
	}
	return result
}

func drawBehaviour(r *rand.Rand) behaviourCase {
	c := behaviourCase{Min: 2, Max: 16, Up: drawRules(r), Down: drawRules(r)}
	c.Current = c.Min + int32(r.Intn(int(c.Max-c.Min+1)))
	c.Proposed = 1 + int32(r.Intn(20))
	c.Proposals = drawTimed(r, 6, func() int32 { return 1 + int32(r.Intn(20)) })
	c.Added = drawTimed(r, 3, func() int32 { return 1 + int32(r.Intn(4)) })
	c.Removed = drawTimed(r, 3, func() int32 { return 1 + int32(r.Intn(4)) })
	ago := func(seconds int64) time.Time { return time.Now().Add(-time.Duration(seconds) * time.Second) }
	controller := &HorizontalController{
		recommendations: map[string][]timestampedRecommendation{},
		scaleUpEvents:   map[string][]timestampedScaleEvent{},
		scaleDownEvents: map[string][]timestampedScaleEvent{},
	}
	for _, e := range c.Proposals {
		controller.recommendations["k"] = append(controller.recommendations["k"], timestampedRecommendation{e.Replicas, ago(e.AgeSeconds)})
	}
	for _, e := range c.Added {
		controller.scaleUpEvents["k"] = append(controller.scaleUpEvents["k"], timestampedScaleEvent{e.Replicas, ago(e.AgeSeconds), false})
	}
	for _, e := range c.Removed {
		controller.scaleDownEvents["k"] = append(controller.scaleDownEvents["k"], timestampedScaleEvent{e.Replicas, ago(e.AgeSeconds), false})
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
		MinReplicas: &c.Min, MaxReplicas: c.Max,
		Behavior: &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: c.Up.behaviour(), ScaleDown: c.Down.behaviour()},
	}}
	c.Replicas = controller.normalizeDesiredReplicasWithBehaviors(hpa, "k", c.Current, c.Proposed, c.Min)
	return c
}

// A case a line, so that a change of one is a change of one line.
func lines[Case any](cases []Case) string {
	text := []string{}
	for _, c := range cases {
		line, _ := json.Marshal(c)
		text = append(text, string(line))
	}
	return "[\n" + strings.Join(text, ",\n") + "\n]"
}

func TestVectors(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	proposals, behaviours := []proposalCase{}, []behaviourCase{}
	for i := 0; i < 300; i++ {
		proposals = append(proposals, drawProposal(r))
		behaviours = append(behaviours, drawBehaviour(r))
	}
	text := fmt.Sprintf("{\n\"provenance\": %q,\n\"proposals\": %s,\n\"behaviours\": %s\n}\n",
		"Kubernetes v1.37.2, pkg/controller/podautoscaler, asked by test/deploy/autoscaler/vectors_test.go",
		lines(proposals), lines(behaviours))
	if err := os.WriteFile(os.Getenv("OTEDAMA_VECTORS"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
